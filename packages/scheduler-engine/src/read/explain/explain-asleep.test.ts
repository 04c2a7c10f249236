import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { rampedHub } from "../../decide/testing/test-ramped-hub.ts";
import { SleepingHub } from "../../decide/testing/test-sleeping-hub.ts";
import { explanationSentence } from "./sentence.ts";
import { known } from "../../state/assert.ts";
import { explained, hourMs } from "../../decide/testing/test-hub.ts";

/** Seven of its nodes sleep a minute before the end of a curtailment. */
function sleepingHub(): SleepingHub {
  const hub = new SleepingHub(rampedHub("4 kW/min over 60 s"), 0);
  hub.runOne();
  hub.schedule(hub.less(13_000));
  hub.pass(29 * 60);
  expect(hub.offCount).toBe(7);
  return hub;
}

test("who waits for nodes that sleep for a curtailment is told by when they let it start, and it does", () => {
  const hub = sleepingHub();
  const job = hub.submit({ nodeCount: 5, walltime: milliseconds(hourMs) });
  const explanation = explained(hub, job);
  expect(explanation).toMatchObject({ reason: "nodes-unavailable", startUnknown: "" });
  const startMs = known(explanation.startOptions[0]?.startMs, "start");
  expect(explanationSentence(explanation, { time: String })).toContain(
    `7 asleep for a curtailment; with nodes that wake after the curtailment a start is possible by about ${startMs}`,
  );
  hub.pass((startMs - hub.nowMs) / 1_000);
  expect(hub.state.jobs.get(job)?.runningCount).toBe(1);
});

test("where another curtailment keeps them off, that one is over by then, too", () => {
  const hub = sleepingHub();
  const night = hub.less(1_000, { id: "night", start: instant(hub.nowMs + 8 * 60_000) });
  hub.schedule(night);
  const job = hub.submit({ nodeCount: 5, walltime: milliseconds(hourMs) });
  const startMs = known(explained(hub, job).startOptions[0]?.startMs, "start");
  expect(startMs).toBeGreaterThan(Number(night.end));
});
