import { readFileSync } from "node:fs";
import { instant, milliseconds, watts } from "@ertis/quantities";
import type { Account, Curtailment, JobSpec } from "@ertis/scheduler-engine";
import { createWorld, item } from "../runtime/world.ts";
import { openRecordedHub, recordDecisions, type RecordedHub } from "./recorded-hub.ts";

const minuteMs = 60_000;
const site = "capped";
const text = readFileSync(new URL("./power-site.yaml", import.meta.url), "utf8");

const accounts: readonly Account[] = [
  { id: "steppe", weight: 2, quota: { guaranteedGpuCount: 48, guaranteed: watts(24_000) } },
  { id: "steppe/climate", weight: 3 },
  { id: "steppe/language", weight: 1 },
  {
    id: "river",
    weight: 1,
    quota: { guaranteedGpuCount: 16, guaranteed: watts(8_000), borrowableGpuCount: 96 },
  },
  { id: "river/genome", weight: 1 },
];
const projects = ["climate", "language", "genome"] as const;
const classes = ["pre-train", "fine-tune", "inference"] as const;
const tiers = [50, 25, 50, 50, 25, 50] as const;

/**
 * A site where watts bind long before GPUs: caps that fall for newcomers and rise again, planned and
 * emergency curtailments with pauses, idle nodes that sleep, accounts that reclaim, a ramp, a lost
 * supply, a crash in the middle of a curtailment.
 */
export async function playPower(): Promise<RecordedHub> {
  const decisions = recordDecisions();
  const world = createWorld(
    23,
    { nodeFailure: { numerator: 1, denominator: 400 }, capLost: { numerator: 1, denominator: 60 } },
    { text, measureEveryMs: minuteMs },
  );
  const hub = await openRecordedHub(world);
  await hub.request({ kind: "set-accounts", by: "operator", accounts });
  for (let round = 0; round < 14; round += 1) {
    await submitRound(hub, round);
    await operate(hub, round);
    await hub.advance(30 * minuteMs);
  }
  await hub.advance(7 * 60 * minuteMs);
  return { ...hub, finish: async () => ({ ...(await hub.finish()), rows: decisions }) };
}

async function submitRound(hub: RecordedHub, round: number): Promise<void> {
  const count = round < 10 ? 6 : 2;
  const items = Array.from({ length: count }, (_, index) =>
    item(round * 10 + index + 1, job(round, index)),
  );
  await hub.request({ kind: "submit-jobs", owner: "aigerim", items });
}

function job(round: number, index: number): Partial<JobSpec> {
  const at = round * 7 + index;
  const nodeCount = 1 + (at % 3);
  return {
    project: projects[at % 3] ?? "climate",
    nodeCount,
    nodeCountMin: at % 4 === 0 ? 1 : nodeCount,
    walltime: milliseconds((20 + 15 * (at % 9)) * minuteMs),
    workloadClass: classes[(at + round) % 3] ?? "pre-train",
    flexibilityTier: tiers[at % 6] ?? 0,
    // Of some of them caps save little: in an event they take turns in pausing.
    capMin: watts(at % 3 === 1 ? 360 : 0),
    priorityClass: at % 11 === 0 ? "urgent" : at % 3 === 0 ? "low" : "normal",
    preemptible: at % 2 === 0,
    ...(at % 5 === 4
      ? {}
      : { checkpoint: { save: milliseconds(minuteMs), restore: milliseconds(2 * minuteMs) } }),
  };
}

async function operate(hub: RecordedHub, round: number): Promise<void> {
  if (round === 2) {
    await curtail(hub, { id: "evening", startsInMs: 40 * minuteMs, targetWatts: 56_000 });
  }
  if (round === 4) {
    await hub.advance(15 * minuteMs);
    await hub.restart();
  }
  if (round === 6) {
    await curtail(hub, {
      id: "trip",
      mode: "emergency",
      lastsMs: 45 * minuteMs,
      targetWatts: 50_000,
    });
  }
  if (round === 8) {
    await curtail(hub, { id: "rumour", startsInMs: 30 * minuteMs, targetWatts: 76_000 });
  }
  if (round === 10) {
    await hub.advance(5 * minuteMs);
    const reason = "the grid recovered";
    await hub.request({ kind: "cancel-curtailment", id: "rumour", by: "operator", reason });
    await hub.request({
      kind: "report",
      site,
      observations: [{ kind: "supply-lost", domain: 1, remaining: watts(60_000) }],
    });
  }
  if (round === 11) {
    const observations = [{ kind: "supply-back", domain: 1 } as const];
    await hub.request({ kind: "report", site, observations });
  }
}

interface Asked {
  readonly id: string;
  readonly targetWatts: number;
  readonly mode?: Curtailment["mode"];
  readonly startsInMs?: number;
  readonly lastsMs?: number;
}

async function curtail(hub: RecordedHub, asked: Asked): Promise<void> {
  const { id, targetWatts, mode = "planned", startsInMs = 0, lastsMs = 90 * minuteMs } = asked;
  const startMs = hub.nowMs() + startsInMs;
  const curtailment: Omit<Curtailment, "target"> = {
    id,
    site,
    domain: site,
    mode,
    baseline: watts(85_000),
    start: instant(startMs),
    end: instant(startMs + lastsMs),
    ramp: milliseconds(mode === "planned" ? 10 * minuteMs : 0),
    reason: "order of the dispatcher",
    setBy: "operator",
    noticedAt: instant(hub.nowMs()),
  };
  // The deepest that keeps what was promised to jobs, whatever this version decided before.
  for (let more = 0; more < 40; more += 1) {
    const target = watts(targetWatts + more * 1_000);
    const asking = { ...curtailment, target };
    const request = { kind: "schedule-curtailment", by: "operator", curtailment: asking } as const;
    if (await hub.isTaken(request)) {
      return;
    }
  }
  throw new Error(`no target of the curtailment ${id} is taken`);
}
