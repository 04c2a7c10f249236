/** Measures one site: `node measure-one.ts '{"nodeCount":1000,…}'`. The answer is one line of JSON. */
import { type Took, type TookSpread, tookSpread } from "../clock.ts";
import { type DecisionKind, decisionKinds, measureDecisions } from "./decisions.ts";
import { measurePreviews, type PreviewTime } from "./previews.ts";
import { measureReplans } from "./replans.ts";
import { type EventCounts, ScaleSite } from "./scale-site.ts";
import { measureSteering } from "./steering.ts";

export interface ScaleCase {
  readonly nodeCount: number;
  readonly hasPower: boolean;
  readonly seed: number;
  /** Kinds of jobs in the queue. */
  readonly shapeCount: number;
  readonly queuedCount: number;
  /** Of the site's time, measured. */
  readonly seconds: number;
}

export interface ScaleFigures {
  readonly decisions: Readonly<Record<DecisionKind | "all", TookSpread>>;
  /** One command or one pass: what a caller waits for at most behind another. */
  readonly steps: TookSpread;
  readonly counts: EventCounts;
  readonly state: {
    readonly runningCount: number;
    readonly cappedCount: number;
    readonly queuedCount: number;
    readonly shapeCount: number;
    readonly feedShare: number;
    readonly gpuShare: number;
  };
  readonly replans: readonly Took[];
  readonly previews: readonly PreviewTime[];
  /** Measurements of a planned curtailment that is steered, with the caps that follow. */
  readonly steering: TookSpread | undefined;
  readonly heapMegabytes: number;
  readonly residentMegabytes: number;
}

/** Seconds before the measuring begins: the code is warm and squeezes have found their pace. */
const warmUpSeconds = 120;

function measure(one: ScaleCase): ScaleFigures {
  const site = new ScaleSite(one, one);
  site.fillUp(one.queuedCount);
  measureDecisions(site, warmUpSeconds);
  const before = { ...site.counts };
  site.steps.length = 0;
  const samples = measureDecisions(site, one.seconds);
  const counts = Object.fromEntries(
    Object.entries(site.counts).map(([kind, count]) => [
      kind,
      count - (before[kind as keyof EventCounts] ?? 0),
    ]),
  );
  const steps = tookSpread(site.steps);
  const of = (kind: DecisionKind | "all"): TookSpread =>
    tookSpread(samples.filter((sample) => kind === "all" || sample.kind === kind));
  const decisions = Object.fromEntries(
    [...decisionKinds, "all" as const].map((kind) => [kind, of(kind)]),
  ) as ScaleFigures["decisions"];
  const state = {
    runningCount: site.attemptCount(),
    cappedCount: site.cappedCount(),
    queuedCount: site.engine.state.unfinishedCount - site.attemptCount(),
    shapeCount: site.engine.state.queue.shapeCount,
    feedShare: site.fullness(),
    gpuShare: site.gpusHeld(),
  };
  const replans = measureReplans(site);
  const previews = measurePreviews(site);
  globalThis.gc?.();
  const heapMegabytes = process.memoryUsage().heapUsed / 1e6;
  return {
    decisions,
    steps,
    counts,
    state,
    replans,
    previews,
    steering: one.hasPower ? tookSpread(measureSteering(site)) : undefined,
    heapMegabytes,
    residentMegabytes: process.resourceUsage().maxRSS / 1_024,
  };
}

if (import.meta.main) {
  const one: ScaleCase = JSON.parse(process.argv[2] ?? "{}");
  process.stdout.write(`${JSON.stringify(measure(one))}\n`);
}
