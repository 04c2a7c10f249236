import { instant, milliseconds, watts } from "@ertis/quantities";
import { describe, expect, test } from "vitest";
import { defaultLimits } from "../../limits.ts";
import { cappedHub, Hub, smallHub, spec } from "../../testing/test-hub.ts";
import { stateDigest } from "../../history/digest.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import type { SubmitResult } from "../../words/reply.ts";

const id = (number: number): string =>
  `aaaaaaaa-0000-4000-8000-${String(number).padStart(12, "0")}`;

function submit(
  hub: Hub,
  ...items: readonly [number, number, Partial<JobSpec>?][]
): readonly SubmitResult[] {
  const { reply } = hub.engine.execute({
    kind: "submit-jobs",
    at: instant(hub.nowMs),
    owner: "aida",
    items: items.map(([request, bodyHash, changes]) => ({
      requestId: id(request),
      bodyHash,
      spec: spec(changes),
    })),
  });
  return reply.kind === "submitted" ? reply.results : [];
}

describe("a request id", () => {
  test("stands for one job, in one batch and in later ones", () => {
    const hub = new Hub();
    expect(submit(hub, [1, 7], [1, 7], [2, 8])).toEqual([
      { kind: "accepted", job: 1, isRepeat: false },
      { kind: "accepted", job: 1, isRepeat: true },
      { kind: "accepted", job: 2, isRepeat: false },
    ]);
    expect(submit(hub, [2, 8])).toEqual([{ kind: "accepted", job: 2, isRepeat: true }]);
    expect(hub.state.jobs.count).toBe(2);
  });

  test("with another body is refused", () => {
    const hub = new Hub();
    submit(hub, [1, 7]);
    expect(submit(hub, [1, 9])).toMatchObject([{ kind: "rejected", code: "request-id-reused" }]);
  });

  test("of a refused item is not remembered: mended, it is taken", () => {
    const hub = new Hub();
    expect(submit(hub, [1, 7, { nodeCount: 99 }])).toMatchObject([{ code: "never-fits" }]);
    expect(submit(hub, [1, 8, { nodeCount: 1 }])).toMatchObject([{ job: 1, isRepeat: false }]);
  });
});

describe("refused at the door, with its neighbours taken and nothing else changed", () => {
  const cases: readonly [string, Partial<JobSpec>, string][] = [
    ["an unknown site", { site: "atlantis" }, "unknown-site"],
    ["an unknown GPU model", { gpuModel: "Z80" }, "unknown-gpu-model"],
    ["more GPUs than any node has", { gpusPerNode: 9 }, "never-fits"],
    ["more nodes than there are", { nodeCount: 9 }, "never-fits"],
    [
      "a dependency on nothing",
      { dependencies: [{ job: 999, condition: "after-ok" }] },
      "unknown-dependency",
    ],
  ];
  test.each(cases)("%s", (_name, changes, code) => {
    const hub = new Hub();
    const before = stateDigest(hub.state);
    expect(submit(hub, [1, 1, changes])).toMatchObject([{ kind: "rejected", code }]);
    expect(stateDigest(hub.state)).toBe(before);
    expect(submit(hub, [2, 1], [3, 1, changes], [4, 1])).toMatchObject([
      { job: 1 },
      { code },
      { job: 2 },
    ]);
  });

  test("a gang whose watts no limit could ever carry", () => {
    // A hall of 20 kW carries its four idle nodes and one busy one.
    const hub = new Hub(smallHub(20));
    expect(submit(hub, [1, 1, { nodeCount: 2 }])).toMatchObject([{ job: 1 }]);
    expect(submit(hub, [2, 1, { nodeCount: 3 }])).toMatchObject([{ code: "never-fits" }]);
  });

  test("but not one that fits on the leaner of two classes, and it starts there", () => {
    const mixed = smallHub()
      .replace(
        "phases:\n",
        `  lean-8:
    gpuModel: H100
    gpuCount: 8
    idle: 2 kW
    peak: 5 kW
    partUse: share
    source: assumption
phases:\n`,
      )
      .replace(
        "limit: 50 kW\n    nodes: 2 × h100-8",
        "limit: 18 kW\n    nodes: [2 × h100-8, 2 × lean-8]",
      );
    const hub = new Hub(mixed);
    expect(submit(hub, [1, 1, { nodeCount: 9 }])).toMatchObject([{ code: "never-fits" }]);
    const job = hub.run({ nodeCount: 8 });
    expect(hub.state.jobs.get(job)?.runningCount).toBe(1);
  });

  test("a deadline that is not later than now", () => {
    const hub = new Hub();
    const at = (deadlineMs: number): unknown =>
      submit(hub, [deadlineMs - hub.nowMs + 10, 1, { deadline: instant(deadlineMs) }])[0];
    expect(at(hub.nowMs - 5)).toMatchObject({ code: "deadline-in-the-past" });
    expect(at(hub.nowMs)).toMatchObject({ code: "deadline-in-the-past" });
    expect(at(hub.nowMs + 1)).toMatchObject({ kind: "accepted" });
  });

  test("a least cap that no GPU takes, with those that it takes", () => {
    const hub = new Hub(cappedHub());
    const of = (capMinWatts: number): unknown =>
      submit(hub, [capMinWatts, 1, { capMin: watts(capMinWatts) }])[0];
    for (const capMinWatts of [50, 199, 401]) {
      expect(of(capMinWatts)).toMatchObject({
        code: "cap-out-of-range",
        message: expect.stringContaining("allowed are H100 200 W to 400 W, or none"),
      });
    }
    expect([of(200), of(400)]).toMatchObject([{ kind: "accepted" }, { kind: "accepted" }]);
    // Where nothing can be capped it is a wish that costs nothing.
    expect(submit(new Hub(), [1, 1, { capMin: watts(50) }])[0]).toMatchObject({ kind: "accepted" });
  });

  test("one job more than may be unfinished", () => {
    const hub = new Hub(smallHub(), { ...defaultLimits, jobsUnfinishedMax: 2 });
    expect(submit(hub, [1, 1], [2, 1], [3, 1])).toMatchObject([
      { job: 1 },
      { job: 2 },
      { code: "too-many-jobs" },
    ]);
  });

  test("a dependency that has already ended the other way", () => {
    const hub = new Hub();
    const job = hub.run({ walltime: milliseconds(600_000) });
    hub.finish(job, 0, 1);
    const dependencies = [{ job, condition: "after-ok" as const }];
    expect(submit(hub, [1, 1, { dependencies }])).toMatchObject([{ code: "dependency-never-met" }]);
  });
});
