import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  defaultDrawRules,
  drawJobs,
  forkStream,
  openSite,
  type RandomStream,
  roughPlant,
  type ScenarioEvent,
  Simulation,
  type SimulatedJob,
  type TraceJob,
  type Violation,
} from "@ertis/simulator";
import { isShared, randomAccounts, sharedJobs, wrongSums } from "./random-accounts.ts";

const siteFile = "tests/simulation/small-site.yaml";
const siteText = readFileSync(fileURLToPath(new URL("small-site.yaml", import.meta.url)), "utf8");
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const startMs = Date.UTC(2026, 0, 1);

/** Accounts are summed up anew after so many moments. */
const momentsApart = 50;

/** How nodes draw that are used in part. */
export type PartUse = "share" | "peak";

/** What one random run found. */
export interface RandomRun {
  readonly seed: number;
  readonly eventCount: number;
  readonly violationCount: number;
  readonly violations: readonly Violation[];
  readonly curtailmentCount: number;
  readonly capCount: number;
  readonly failedNodeCount: number;
  /** Steepest rise of the feed's bounds beside its ramp; 0 without one. */
  readonly steepestRisePart: number;
  readonly preemptionCount: number;
}

/** The command that plays a seed again. */
export function replayCommand(
  seed: number,
  jobCount: number,
  ramp?: string,
  partUse: PartUse = "share",
): string {
  const isPlain = ramp === undefined && partUse === "share";
  const words = isPlain ? "" : ` "${ramp ?? ""}"${partUse === "peak" ? " peak" : ""}`;
  return `npx node tests/simulation/play.ts ${seed} ${jobCount}${words}`;
}

/**
 * Random jobs on a small site with every kind of trouble: failures, lost answers, stuck caps, stale
 * telemetry, budgets, curtailments of both modes, lost feeds, a cluster that goes away, clock steps, nodes that do not wake.
 * Every fourth seed is shared between accounts.
 */
export function randomRun(
  seed: number,
  jobCount: number,
  ramp?: string,
  partUse: PartUse = "share",
): RandomRun {
  const plain = ramp === undefined ? siteText : withRamp(ramp);
  const text = plain.replaceAll("partUse: share", `partUse: ${partUse}`);
  const opened = openSite(siteFile, text);
  if (opened.kind === "errors") {
    throw new Error(opened.errors.map(({ line, message }) => `${line}: ${message}`).join("\n"));
  }
  const plainJobs = randomJobs(seed, jobCount);
  const jobs = isShared(seed) ? sharedJobs(plainJobs, seed) : plainJobs;
  const spanMs = (jobs.at(-1)?.submittedAtMs ?? startMs) - startMs + 4 * hourMs;
  const events = randomEvents(seed, spanMs, opened.site.domains.length);
  const simulation = new Simulation({
    siteFile,
    siteText: text,
    site: opened.site,
    jobs,
    events,
    seed,
    plant: { ...roughPlant, wakeLossShare: wakeLossShare(seed) },
    measureEveryMs: minuteMs,
    horizonMs: spanMs + 3 * dayMs,
    feedBudgetWatts: undefined,
    accounts: isShared(seed) ? randomAccounts(seed) : [],
    recheckEvery: 500,
  });
  const wrong: string[] = [];
  while (simulation.step(momentsApart)) {
    wrong.push(...wrongSums(simulation));
  }
  // The last job ends within hours of the last event: later, nodes are held for nobody.
  const ends =
    simulation.ending === "all-over" ? [] : [`the run does not end: ${holders(simulation)}`];
  const { violations } = simulation.checks;
  return {
    seed,
    eventCount: simulation.checks.eventCount,
    violationCount: simulation.checks.violationCount + wrong.length + ends.length,
    violations: [
      ...violations,
      ...wrong.slice(0, 5).map((message) => ({ property: "quota" as const, atMs: 0, message })),
      ...ends.map((message) => ({ property: "time" as const, atMs: simulation.nowMs, message })),
    ],
    curtailmentCount: events.filter(({ kind }) => kind === "curtailment").length,
    capCount: simulation.checks.caps.capCount,
    failedNodeCount: simulation.checks.nodesLostCount,
    steepestRisePart: steepestRisePart(simulation),
    preemptionCount: simulation.checks.accounts.preemptionCount,
  };
}

/** The small site with a limit for how fast its feed may change. */
function withRamp(ramp: string): string {
  return siteText.replace("  limit: 170 kW\n", `  limit: 170 kW\n  ramp: ${ramp}\n`);
}

function holders({ checks, ending }: Simulation): string {
  const { finishedCount, submittedCount } = checks.jobs;
  return `${ending ?? "goes on"}, ${finishedCount} of ${submittedCount} jobs over, ${checks.heldCount} attempts hold nodes`;
}

function steepestRisePart({ checks, controller, nowMs }: Simulation): number {
  const [score] = checks.ramps.score(controller.timeAt(nowMs));
  return score === undefined ? 0 : score.upWatts / score.rule.limitWatts;
}

function randomJobs(seed: number, jobCount: number): readonly SimulatedJob[] {
  const stream = forkStream(seed, "random-jobs");
  const trace: TraceJob[] = [];
  let atMs = startMs;
  for (let line = 1; line <= jobCount; line += 1) {
    atMs += Math.floor(-Math.log(1 - stream.unit()) * 4 * minuteMs);
    const isGang = stream.happens(0.2);
    const nodes = isGang ? 2 + stream.below(4) : 1;
    const gpus = isGang ? 8 : 1 + stream.below(8);
    trace.push({
      line,
      submittedAtMs: atMs,
      durationMs: Math.ceil(30_000 + -Math.log(1 - stream.unit()) * 50 * minuteMs),
      gpuCount: nodes * gpus,
      owner: `tenant-${stream.below(3)}`,
      said: {
        nodeCount: nodes,
        nodeCountMin: stream.happens(0.3) ? 1 : nodes,
        gpuModel: stream.happens(0.2)
          ? ""
          : stream.happens(0.6)
            ? "A100-SXM-80GB"
            : "H100-SXM-80GB",
        isPreemptible: stream.happens(0.5),
        priorityClass: stream.happens(0.1) ? "high" : "normal",
      },
    });
  }
  const rules = {
    ...defaultDrawRules,
    workloadClasses: ["pre-train", "fine-tune", "inference", "unheard-of"],
    overAsk: { min: 0.8, max: 3 },
  };
  // Gangs of more nodes than a model has are refused at the door: they are no part of this.
  return drawJobs(trace, seed, rules, 8).filter(
    ({ nodeCount, gpuModel }) => gpuModel !== "H100-SXM-80GB" || nodeCount <= 3,
  );
}

/** Every other seed has wakes that nobody answers for long; nothing else is drawn from this stream. */
function wakeLossShare(seed: number): number {
  const stream = forkStream(seed, "random-wakes");
  return stream.happens(0.5) ? stream.within(0.05, 0.5) : 0;
}

function randomEvents(seed: number, spanMs: number, domainCount: number): readonly ScenarioEvent[] {
  const stream = forkStream(seed, "random-events");
  const events: ScenarioEvent[] = [];
  const count = Math.ceil(spanMs / (2 * hourMs));
  for (let line = 1; line <= count; line += 1) {
    events.push(randomEvent(stream, line, { spanMs, domainCount }));
  }
  return events.toSorted((a, b) => a.atMs - b.atMs);
}

function randomEvent(
  stream: RandomStream,
  line: number,
  { spanMs, domainCount }: { readonly spanMs: number; readonly domainCount: number },
): ScenarioEvent {
  const at = { line, atMs: Math.floor(stream.within(0, spanMs)) };
  const domain = stream.happens(0.5) ? 0 : stream.below(domainCount);
  const forMs = Math.ceil(stream.within(minuteMs, 3 * hourMs));
  const noticeMs = stream.happens(0.3) ? 0 : Math.ceil(stream.within(0, 4 * hourMs));
  const share = { kind: "share" as const, share: stream.within(0.5, 1) };
  switch (stream.below(9)) {
    case 0:
    case 1:
      return {
        ...at,
        kind: "curtailment",
        id: `c-${line}`,
        domain,
        target: share,
        forMs,
        noticeMs,
        rampMs: Math.ceil(stream.within(0, 10 * minuteMs)),
        mode: stream.happens(0.7) ? "planned" : "emergency",
        // By its line, so that the seeds stay what they were.
        giveUp: line % 3 === 0 ? [50, 25] : [],
      };
    case 2:
      return { ...at, kind: "budget", domain, ceiling: share, forMs, noticeMs };
    case 3:
      return {
        ...at,
        kind: "node-failure",
        domain,
        nodeCount: 1 + stream.below(3),
        repairMs: forMs,
      };
    case 4:
      return { ...at, kind: "feed-loss", domain, left: share, forMs };
    case 5:
      return { ...at, kind: "stale-telemetry", forMs };
    case 6:
      return { ...at, kind: "stuck-caps", forMs: Math.min(forMs, 20 * minuteMs) };
    case 7:
      return { ...at, kind: "cluster-away", forMs: Math.min(forMs, 30 * minuteMs) };
    default:
      return { ...at, kind: "clock-step", byMs: Math.floor(stream.within(-minuteMs, minuteMs)) };
  }
}
