import { describe, expect, it } from "vitest";
import { instant, milliseconds } from "@ertis/quantities";
import { explainJob } from "./explain.ts";
import { explanationSentence } from "./sentence.ts";
import { cappedHub, explained, Hub, hourMs, smallHub, startMs } from "../../testing/test-hub.ts";

const hall1 = "hub/sub-1/hall-1";

describe("explainJob", () => {
  it("names what the job itself waits for", () => {
    const hub = new Hub();
    const held = hub.submit({ isHeld: true });
    const later = hub.submit({ beginAt: instant(startMs + hourMs) });
    const after = hub.submit({ dependencies: [{ job: held, condition: "after-ok" }] });
    expect(explained(hub, held).reason).toBe("held");
    expect(explained(hub, later)).toMatchObject({
      reason: "begin-time",
      beginAtMs: startMs + hourMs,
      startLowerBoundMs: startMs + hourMs,
    });
    expect(explained(hub, after)).toMatchObject({ reason: "dependency", waitingFor: [held] });
    expect(explainJob(hub.state, 99)).toBeUndefined();
  });

  it("names what it does when it does not wait", () => {
    const hub = new Hub();
    const job = hub.run();
    expect(explained(hub, job).reason).toBe("starting");
    hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
    expect(explained(hub, job).reason).toBe("running");
    hub.finish(job);
    expect(explained(hub, job).reason).toBe("finished");
    const fresh = hub.submit();
    expect(explained(hub, fresh)).toMatchObject({ reason: "next-pass", ahead: { count: 0 } });
  });

  it("names the throttle of an array, and one task of it", () => {
    const hub = new Hub();
    const job = hub.run({ taskCount: 4, taskThrottle: 2 });
    expect(explained(hub, job)).toMatchObject({
      reason: "array-throttle",
      throttle: { runningCount: 2, maxCount: 2 },
      startLowerBoundMs: startMs + hourMs,
    });
    expect(explainJob(hub.state, job, 1)?.reason).toBe("starting");
    hub.finish(job, 1);
    expect(explainJob(hub.state, job, 1)?.reason).toBe("finished");
    expect(explainJob(hub.state, job, 4)).toBeUndefined();
  });

  it("counts GPUs when they are short, and knows when walltimes free them", () => {
    const hub = new Hub();
    for (let count = 1; count <= 8; count += 1) {
      hub.run({ gpusPerNode: 6, walltime: milliseconds(count * hourMs) });
    }
    const first = hub.run({ nodeCount: 2 });
    const second = hub.run({ nodeCount: 3 });
    expect(explained(hub, first)).toMatchObject({
      reason: "gpus",
      place: { availableNodeCount: 0, availableGpuCount: 0, freeGpuCount: 16 },
      startLowerBoundMs: startMs + 2 * hourMs,
      ahead: { count: 0, isLowerBound: false },
    });
    expect(explained(hub, first).reservedStartMs).toBeGreaterThanOrEqual(startMs + 2 * hourMs);
    expect(explained(hub, second)).toMatchObject({
      reason: "gpus",
      ahead: { count: 1 },
      startLowerBoundMs: startMs + 3 * hourMs,
    });
  });

  it("names the limit that binds, with watts needed and free there", () => {
    // A hall draws 8 kW when idle and 8 kW more for each full node: a fourth one does not fit.
    const hub = new Hub(smallHub(39));
    hub.run({ nodeCount: 3, walltime: milliseconds(2 * hourMs) });
    hub.run({ nodeCount: 3, walltime: milliseconds(3 * hourMs) });
    const job = hub.run();
    expect(explained(hub, job)).toMatchObject({
      reason: "power-limit",
      place: {
        availableNodeCount: 2,
        power: {
          domain: hall1,
          kind: "hall",
          ceilingWatts: 39_000,
          freeWatts: 7000,
          neededWatts: 8000,
          budget: undefined,
        },
      },
      startLowerBoundMs: startMs + 2 * hourMs,
    });
  });

  it("names the budget that binds and that its window ends first", () => {
    const hub = new Hub();
    const until = startMs + 90 * 60_000;
    hub.budget("winter-evening", "hub", 30_000, [startMs, until]);
    hub.run({ walltime: milliseconds(8 * hourMs) });
    const job = hub.run();
    expect(explained(hub, job)).toMatchObject({
      reason: "power-budget",
      place: {
        power: {
          domain: "hub",
          ceilingWatts: 30_000,
          freeWatts: 5000,
          neededWatts: 8000,
          budget: { id: "winter-evening" },
        },
      },
      startLowerBoundMs: until,
    });
  });

  it("names a later window that the walltime runs into", () => {
    const hub = new Hub();
    const from = startMs + hourMs;
    hub.budget("evening", "hub", 20_000, [from, from + hourMs]);
    const job = hub.run({ walltime: milliseconds(2 * hourMs) });
    expect(explained(hub, job)).toMatchObject({
      reason: "future-window",
      place: { power: { budget: { id: "evening" }, atMs: from, freeWatts: 3000 } },
      startLowerBoundMs: from + hourMs,
    });
    // A short one is gone before.
    expect(explained(hub, hub.submit({ walltime: milliseconds(600_000) })).reason).toBe(
      "next-pass",
    );
  });

  it("says that an open budget leaves no room for ever", () => {
    const hub = new Hub();
    hub.budget("contract", "hub", 20_000, [startMs]);
    const job = hub.run();
    expect(explained(hub, job)).toMatchObject({
      reason: "never-fits-now",
      place: { power: { budget: { id: "contract" } } },
      startLowerBoundMs: undefined,
    });
  });

  it("names the job whose reservation keeps it back", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 4, walltime: milliseconds(2 * hourMs) });
    const head = hub.run({ nodeCount: 8 });
    const job = hub.run({ walltime: milliseconds(4 * hourMs) });
    const explanation = explained(hub, job);
    expect(explanation).toMatchObject({ reason: "behind-others", head: { job: head } });
    expect(explanation.head?.startAtMs).toBeGreaterThanOrEqual(startMs + 2 * hourMs);
    expect(explanation.ahead).toMatchObject({
      count: 1,
      isLowerBound: false,
      last: { reason: "number", sentence: "job 2 is older" },
    });
    expect(explanation.startLowerBoundMs).toBeUndefined();
  });

  it("estimates a start after promised ones that leave no room beside them", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 4, walltime: milliseconds(2 * hourMs) });
    hub.run({ nodeCount: 8 });
    const job = hub.run({ walltime: milliseconds(4 * hourMs) });
    const before = hub.ledger();
    const [full, ...capped] = explained(hub, job).startOptions;
    expect(hub.ledger()).toBe(before);
    expect(capped).toEqual([]);
    expect(full).toMatchObject({ capWatts: 0, isEstimate: true });
    // Two hours until the head starts, one that it runs, and the graces of both.
    const afterMs = (full?.startMs ?? 0) - startMs;
    expect(afterMs).toBeGreaterThan(3 * hourMs);
    expect(afterMs).toBeLessThan(3.2 * hourMs);
    expect(full?.endsByMs).toBe((full?.startMs ?? 0) + 4 * hourMs);
  });

  it("estimates a start beside promised ones where they leave room", () => {
    const hub = new Hub(cappedHub());
    hub.run({ nodeCount: 4, walltime: milliseconds(2 * hourMs) });
    hub.run({ nodeCount: 3, walltime: milliseconds(3 * hourMs) });
    const head = hub.run({ nodeCount: 5, walltime: milliseconds(9 * hourMs) });
    const bent = { flexibilityTier: 50, workloadClass: "straight" } as const;
    const job = hub.run({ ...bent, walltime: milliseconds(4 * hourMs) });
    const { reason, head: first, startOptions } = explained(hub, job);
    expect({ reason, job: first?.job }).toEqual({ reason: "behind-others", job: head });
    // The head keeps the free node and those that end first: it takes one of the three that end then. Caps do not
    // bring that forward, so none is offered.
    expect(startOptions).toHaveLength(1);
    const [full] = startOptions;
    expect(full).toMatchObject({ capWatts: 0, speedPermille: 1000, isEstimate: true });
    expect((full?.startMs ?? 0) - startMs).toBeGreaterThanOrEqual(3 * hourMs);
    expect((full?.startMs ?? 0) - startMs).toBeLessThan(3.1 * hourMs);
  });

  it.each([0, 50] as const)(
    "counts the start that is promised ahead where watts are in the way, of jobs of tier %i",
    (flexibilityTier) => {
      const hub = new Hub(cappedHub());
      const gang = { workloadClass: "straight", flexibilityTier } as const;
      hub.budget("evening", "hub", 30_500, [startMs]);
      hub.run({ ...gang, nodeCount: 3, walltime: milliseconds(hourMs) });
      const head = hub.run({ ...gang, nodeCount: 4, walltime: milliseconds(3 * hourMs) });
      const jobs = [3, 2].map((nodeCount) => hub.run({ ...gang, nodeCount }));
      const time = (atMs: number): string => `+${Math.round((atMs - startMs) / hourMs)} h`;
      for (const job of jobs) {
        const explanation = explained(hub, job);
        expect(explanation).toMatchObject({ reason: "power-budget", head: { job: head } });
        const [first] = explanation.startOptions;
        expect(first).toMatchObject({ isEstimate: true });
        // The bound counts nobody ahead; one hour until the head starts, three that it runs.
        expect(first?.startMs).toBeGreaterThan(startMs + 4 * hourMs);
        expect(first?.startMs).toBeLessThan(startMs + 4.1 * hourMs);
        const sentence = explanationSentence(explanation, { time });
        expect(sentence).toContain(
          `; job ${head} is promised a start at +1 h, and beside that a start is possible by about +4 h`,
        );
        expect(sentence).not.toContain("earliest start");
      }
    },
  );

  it("counts nodes that are cordoned, lost or off when they would make the difference", () => {
    const hub = new Hub();
    hub.cordon(0, 1);
    hub.report({ kind: "node-lost", node: 2 }, { kind: "node-powered-off", node: 3 });
    const job = hub.run({ nodeCount: 7 });
    expect(explained(hub, job)).toMatchObject({
      reason: "nodes-unavailable",
      place: {
        availableNodeCount: 4,
        unavailableNodeCount: 4,
        cordonedNodeCount: 2,
        lostNodeCount: 1,
        offNodeCount: 1,
      },
      startLowerBoundMs: undefined,
    });
  });

  it("counts only those ahead that could want the same GPUs", () => {
    const hub = new Hub();
    hub.run({ nodeCount: 8 });
    hub.submit({ nodeCount: 3, priorityClass: "low" });
    hub.submit({ nodeCount: 3 });
    hub.submit({ nodeCount: 2 });
    hub.submit({ isHeld: true });
    const job = hub.submit({ nodeCount: 2 });
    hub.submit({ nodeCount: 2 });
    hub.submit({ priorityClass: "urgent" });
    hub.change("cancel-jobs", [4]);
    hub.place();
    expect(explained(hub, job).ahead).toMatchObject({ count: 2, isLowerBound: false });
  });

  it("does not count watts of a stop that is not confirmed as free", () => {
    const hub = new Hub(smallHub(39));
    const running = hub.run({ nodeCount: 3 });
    hub.run({ nodeCount: 3 });
    const job = hub.run();
    hub.change("cancel-jobs", [running]);
    const explanation = explained(hub, job);
    expect(explanation.reason).toBe("power-limit");
    // It may be confirmed at any moment: nothing later than now is sure.
    expect(explanation.startLowerBoundMs).toBeUndefined();
    expect(explanation.place?.power?.freeWatts).toBe(7000);
  });

  it("does not speak of nodes that could never hold the gang", () => {
    const text = smallHub()
      .replace(
        "phases:\n",
        `  small-4:
    gpuModel: SMALL
    gpuCount: 4
    idle: 1 kW
    peak: 4 kW
    partUse: share
    source: assumption
phases:\n`,
      )
      .replace("nodes: 2 × h100-8", "nodes: [1 × small-4, 1 × h100-8]");
    const hub = new Hub(text);
    hub.budget("now", "hub", 15_000, [startMs, startMs + hourMs]);
    const job = hub.run({ gpusPerNode: 8 });
    expect(explained(hub, job)).toMatchObject({
      reason: "power-budget",
      place: { gpuModel: "H100" },
    });
  });

  it("of the head says what a budget does to it, at once", () => {
    const hub = new Hub();
    for (let node = 0; node < 8; node += 1) {
      hub.run();
    }
    const head = hub.run({ nodeCount: 8 });
    expect(explained(hub, head)).toMatchObject({
      reason: "gpus",
      reservedStartMs: expect.any(Number),
    });
    hub.budget("low", hall1, 30_000, [hub.nowMs]);
    hub.place();
    const explanation = explained(hub, head);
    expect(explanation).toMatchObject({ reason: "never-fits-now", reservedStartMs: undefined });
    expect(explanation.place?.power).toMatchObject({ domain: hall1, budget: { id: "low" } });
  });
});
