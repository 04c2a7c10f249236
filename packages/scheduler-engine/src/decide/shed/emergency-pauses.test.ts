import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { attemptsOf, cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { defaultLimits } from "../../limits.ts";
import { known } from "../../state/assert.ts";
import type { Event } from "../../words/event.ts";
import { startPauses } from "./pauses.ts";
import {
  attemptOf,
  bending,
  curtailment,
  fullHub,
  minuteMs,
  schedule,
} from "../../testing/test-full-hub.ts";
import { ObeyingCluster } from "../../testing/test-obeying.ts";

const targetWatts = 33_000;
const endMs = startMs + 2 * hourMs;
const asked = { target: watts(targetWatts), end: instant(endMs) };

interface World {
  readonly hub: Hub;
  readonly cluster: ObeyingCluster;
  /** What the preview says each job that pauses loses, in the order in which they do. */
  readonly foreseen: ReadonlyMap<number, { readonly fromMs: number; readonly lossPercent: number }>;
}

/** Four equal gangs whose caps hardly fall: they have to pause in turn. */
function emergency(): World {
  const hub = fullHub({ ...bending, capMin: watts(320) });
  const preview = previewCurtailment(hub.state, curtailment(asked));
  const jobs = preview.kind === "preview" ? preview.forecast.jobs : [];
  const foreseen = new Map(
    jobs
      .filter(({ effect }) => effect === "paused")
      .map(({ job, pause, lossPercent }) => [job, { fromMs: Number(pause?.from), lossPercent }]),
  );
  expect(schedule(hub, asked).kind).toBe("done");
  return { hub, cluster: new ObeyingCluster(hub), foreseen };
}

test("who pauses, and when, is what the preview said: each once, nobody after the end, and the target is used", () => {
  const { hub, cluster, foreseen } = emergency();
  let unusedSeconds = 0;
  cluster.pass(2 * hourMs - 1_000, () => {
    const isSettled = hub.nowMs > startMs + 2 * minuteMs;
    unusedSeconds += isSettled && hub.feedWatts() < 0.98 * targetWatts ? 1 : 0;
  });
  cluster.pass(10 * minuteMs);
  expect(foreseen.size).toBe(3);
  expect(cluster.stops.map(({ job, atMs }) => [job, atMs])).toEqual(
    [...foreseen].map(([job, { fromMs }]) => [job, fromMs]),
  );
  expect(cluster.starts.map(({ job }) => job)).toEqual([...foreseen.keys()]);
  // Two hand-overs of a few seconds.
  expect(unusedSeconds).toBeLessThan(15);
  for (const { job, lossPercent, tierPercent } of complianceOf(hub.state, "evening")?.jobs ?? []) {
    expect(lossPercent).toBeLessThanOrEqual(tierPercent);
    expect(lossPercent).toBeLessThan((foreseen.get(job)?.lossPercent ?? lossPercent) + 1);
  }
});

test("when a job ends, who is paused comes back at once, and nobody pauses any more", () => {
  const { hub, cluster } = emergency();
  cluster.pass(10 * minuteMs);
  expect(cluster.stops.map(({ job }) => job)).toEqual([1]);
  hub.finish(4);
  cluster.pass(10_000);
  expect(cluster.starts.map(({ job }) => job)).toEqual([1]);
  cluster.pass(endMs - hub.nowMs + 10 * minuteMs);
  expect(cluster.stops).toHaveLength(1);
});

test("what is left of a plan for a lost supply pauses nobody once it is back, whatever is planned later", () => {
  const hub = fullHub({ ...bending, capMin: watts(320) });
  const cluster = new ObeyingCluster(hub);
  const left = { job: 1, fromMs: startMs, untilMs: startMs + hourMs };
  hub.state.curtailments.pauses.set("hub", [left]);
  const mild = { id: "later", mode: "planned", target: watts(42_000) } as const;
  expect(schedule(hub, { ...mild, start: instant(startMs + minuteMs) }).kind).toBe("done");
  cluster.pass(hourMs);
  expect(cluster.stops).toEqual([]);
});

test("who is to come back is promised no other start than the one that is planned", () => {
  const { hub, cluster } = emergency();
  let reservedCount = 0;
  cluster.pass(2 * hourMs, () => {
    for (const pool of hub.state.sites.get("hub")?.pools ?? []) {
      reservedCount += pool.reservations.length;
    }
  });
  expect(cluster.starts.length).toBeGreaterThan(1);
  expect(reservedCount).toBe(0);
});

test("when a job ends, who is paused comes back at once, also where nobody is capped", () => {
  const hub = new Hub(cappedHub());
  const stiff = { ...bending, capMin: watts(400), walltime: milliseconds(10 * hourMs) };
  for (let gang = 0; gang < 3; gang += 1) {
    hub.run({ ...stiff, nodeCount: 2 });
  }
  const other = hub.run({ nodeCount: 2, walltime: milliseconds(10 * hourMs) });
  // One of the first three at a time.
  expect(schedule(hub, { ...asked, target: watts(37_000) }).kind).toBe("done");
  const cluster = new ObeyingCluster(hub);
  cluster.pass(10 * minuteMs);
  expect([cluster.stops.length, cluster.starts.length]).toEqual([1, 0]);
  hub.finish(other);
  cluster.pass(10_000);
  expect(cluster.starts.map(({ job }) => job)).toEqual(cluster.stops.map(({ job }) => job));
  cluster.pass(endMs - hub.nowMs + 10 * minuteMs);
  expect(cluster.stops).toHaveLength(1);
});

test("one that had started on fewer nodes than it asks for comes back on as many as it had", () => {
  const hub = new Hub(cappedHub());
  const common = { ...bending, capMin: watts(320), walltime: milliseconds(10 * hourMs) };
  const first = hub.run({ nodeCount: 6, walltime: milliseconds(20 * hourMs) });
  const small = hub.run({ ...common, nodeCount: 4, nodeCountMin: 2 });
  expect(attemptOf(hub, small).placement.nodes).toHaveLength(2);
  hub.finish(first);
  hub.run({ ...common, nodeCount: 3 });
  hub.run({ ...common, nodeCount: 3 });
  expect(schedule(hub, { ...asked, target: watts(34_000) }).kind).toBe("done");
  const cluster = new ObeyingCluster(hub);
  cluster.pass(2 * hourMs - 1_000);
  expect(cluster.stops[0]?.job).toBe(small);
  expect(cluster.starts[0]?.job).toBe(small);
  expect(attemptOf(hub, small).placement.nodes).toHaveLength(2);
  const jobs = complianceOf(hub.state, "evening")?.jobs ?? [];
  expect(jobs.filter(({ isTierBroken }) => isTierBroken)).toEqual([]);
});

/** The second hall has GPUs of another model. */
function twoModels(): string {
  const other = (text: string): string =>
    text.replaceAll("h100-8", "b100-8").replace("H100", "B100").replaceAll("-a:", "-b:");
  const text = cappedHub();
  const part = (from: string, to: string): string =>
    text.slice(text.indexOf(from), text.indexOf(to));
  const classes = part("  h100-8:", "curves:");
  const templates = part("  rack-a:", "feed:");
  return text
    .replace(classes, classes + other(classes))
    .replace(templates, templates + other(templates).replace("× rack-a", "× rack-b"))
    .replace(/(hall-2.*)row-a/u, "$1row-b")
    .replace(
      "  - gpuModel: H100",
      `${part("  - gpuModel", "phases:").replace("H100", "B100")}  - gpuModel: H100`,
    );
}

test("who takes any GPUs comes back, in his turn, on those that he had", () => {
  const hub = new Hub(twoModels());
  const long = { walltime: milliseconds(10 * hourMs) };
  hub.run({ ...long, nodeCount: 4, gpuModel: "H100" });
  const stiff = { ...bending, ...long, capMin: watts(320) };
  const any = hub.run({ ...stiff, priorityClass: "low" });
  const { heldNodes } = attemptOf(hub, any);
  for (let node = 0; node < 3; node += 1) {
    hub.run({ ...stiff, gpuModel: "B100" });
  }
  // One of these four pauses at a time.
  expect(schedule(hub, { ...asked, target: watts(38_000) }).kind).toBe("done");
  const cluster = new ObeyingCluster(hub);
  cluster.pass(2 * hourMs - 1_000);
  expect(cluster.stops.map(({ job }) => job)).toContain(any);
  expect(cluster.starts.map(({ job }) => job)).toContain(any);
  expect(attemptOf(hub, any).heldNodes).toEqual(heldNodes);
});

test.each([
  ["before", "pauses", 1],
  ["after", "runs on", -1],
] as const)(
  "who started %s the moment that was planned for its pause %s",
  (_when, what, sinceMs) => {
    const { hub, cluster } = emergency();
    cluster.pass(5 * minuteMs);
    const [attempt] = attemptsOf(hub);
    const { job, startedAtMs } = known(attempt, "an attempt");
    // Others may have stopped it meanwhile: it found room for its start, and a plan from before pauses it no more.
    const pauses = [{ job, fromMs: startedAtMs + sinceMs, untilMs: endMs }];
    hub.state.curtailments.pauses.set("hub", pauses);
    const paused: number[] = [];
    const emit = (event: Event): void => {
      if (event.kind === "job-paused") {
        paused.push(event.job);
      }
    };
    startPauses(
      { state: hub.state, limits: defaultLimits, emit },
      known(hub.state.sites.get("hub"), "hub"),
    );
    expect(paused).toEqual(what === "pauses" ? [job] : []);
  },
);
