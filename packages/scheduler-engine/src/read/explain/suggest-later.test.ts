import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { defaultLimits } from "../../limits.ts";
import { explained, Hub, hourMs, spec } from "../../testing/test-hub.ts";
import { mixedHub } from "../../testing/test-mixed-hub.ts";
import { planJob } from "./plan.ts";
import { explanationSentence } from "./sentence.ts";

/** All four nodes of each model are busy, for so many hours. */
function busyHub(h100Hours: number, a100Hours: number): Hub {
  const hub = new Hub(mixedHub());
  const busy = { nodeCount: 4 };
  hub.run({ ...busy, gpuModel: "H100", walltime: milliseconds(h100Hours * hourMs) });
  hub.run({ ...busy, gpuModel: "A100", walltime: milliseconds(a100Hours * hourMs) });
  return hub;
}

const asked = { nodeCount: 3, gpuModel: "H100", walltime: milliseconds(hourMs) };

test("another GPU model with which a job waits at most half as long is one change, told by why and plan with its start", () => {
  const hub = busyHub(10, 2);
  const time = (atMs: number): string => `+${Math.round((atMs - hub.nowMs) / hourMs)} h`;
  const plan = planJob(hub.state, defaultLimits, spec(asked), "aida");
  const job = hub.run(asked);
  const expected = { kind: "other-site", site: "hub", gpuModel: "A100", field: "gpu-model" };
  for (const one of [explained(hub, job), plan.kind === "waits" ? plan.explanation : undefined]) {
    expect(one?.suggestion).toMatchObject(expected);
    expect(one && explanationSentence(one, { time })).toMatch(
      /; at hub on A100 it starts by about \+2 h, if nobody who waits goes before it$/,
    );
  }
  // And there it does start then.
  hub.change("cancel-jobs", [job]);
  const changed = hub.run({ ...asked, gpuModel: "A100" });
  expect(time(explained(hub, changed).reservedStartMs ?? 0)).toBe("+2 h");
});

test("no other model is named where that saves less than half of the wait, or the job leaves it open", () => {
  const slow = busyHub(10, 6);
  expect(explained(slow, slow.run(asked)).suggestion?.kind).not.toBe("other-site");
  const open = busyHub(10, 2);
  const job = open.run({ ...asked, gpuModel: "" });
  expect(explained(open, job).suggestion).toBeUndefined();
  // It is promised the sooner one.
  expect((explained(open, job).reservedStartMs ?? 0) - open.nowMs).toBeLessThan(3 * hourMs);
});
