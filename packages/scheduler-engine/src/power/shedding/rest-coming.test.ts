import { expect, test } from "vitest";
import { MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";
import { cappedHub, smallHub, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { createRecord } from "../../state/curtailments.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { restComingWatts } from "./rest-coming.ts";

/** A job of one node has just started; its node draws 2 kW idle. */
function comingOn(text: string, seenWatts?: number): readonly number[] {
  const hub = new MeteredHub(text);
  const job = hub.run({ nodeCount: 1 });
  hub.curtail("noon", {});
  const [curtailment] = hub.site.curtailments;
  if (curtailment === undefined) {
    throw new Error("the curtailment is refused");
  }
  const record = createRecord(curtailment);
  const seen = seenWatts === undefined ? [] : ([[taskIdOf({ job, task: 0 }), seenWatts]] as const);
  const coming = (fromMs: number): number =>
    restComingWatts(hub.site, record, { fromMs, atMs: hub.nowMs, wattsOf: new Map(seen) });
  const whileStarting = coming(startMs + minuteMs);
  // It began to run within the time that is measured, however long ago it was told to start.
  hub.wait(10 * minuteMs);
  hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  return [whileStarting, coming(hub.nowMs - 1), coming(hub.nowMs)];
}

test("what a job that has just started will draw beside its caps is told, until it has run for all that is measured", () => {
  // 7 kW with all GPUs at 400 W: 1.8 kW beside them.
  const text = cappedHub().replace("peak: 5.2 kW", "peak: 7 kW");
  expect(comingOn(text)).toEqual([1_800, 1_800, 0]);
  expect(comingOn(text, 2_500)).toEqual([1_300, 1_300, 0]);
  expect(comingOn(text, 6_000)).toEqual([0, 0, 0]);
});

test("of who takes no caps, all of it", () => {
  expect(comingOn(smallHub())).toEqual([8_000, 8_000, 0]);
});

test("a node that came back while was measured draws its idle watts from now on, however little of them is in the means", () => {
  const hub = new MeteredHub();
  hub.curtail("noon", {});
  const [curtailment] = hub.site.curtailments;
  const record = createRecord(known(curtailment, "curtailment"));
  const coming = (): number =>
    restComingWatts(hub.site, record, {
      fromMs: hub.nowMs - minuteMs,
      atMs: hub.nowMs,
      wattsOf: new Map(),
    });
  hub.report({ kind: "node-lost", node: 7 }, { kind: "node-powered-off", node: 7 });
  expect(coming()).toBe(0);
  hub.wait(10 * minuteMs);
  hub.report({ kind: "node-ready", node: 7 });
  hub.wait(15_000);
  // 2 kW for a quarter of the minute.
  expect(coming()).toBe(1_500);
  hub.wait(minuteMs);
  expect(coming()).toBe(0);
});
