import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { rampedHub } from "../../decide/testing/test-ramped-hub.ts";
import { SleepingHub } from "../../decide/testing/test-sleeping-hub.ts";
import { explanationSentence } from "./sentence.ts";
import { explained, hourMs } from "../test-hub.ts";

test("who waits for nodes that sleep for a curtailment is told that they come back with it", () => {
  const hub = new SleepingHub(rampedHub("4 kW/min over 60 s"), 0);
  hub.runOne();
  hub.schedule(hub.less(13_000));
  hub.pass(29 * 60);
  expect(hub.offCount).toBeGreaterThan(4);
  const job = hub.submit({ nodeCount: 5, walltime: milliseconds(hourMs) });
  const explanation = explained(hub, job);
  expect(explanation).toMatchObject({ reason: "nodes-unavailable" });
  expect(explanationSentence(explanation, { time: String })).toContain(
    "7 asleep for a curtailment; no earliest start can be told: its nodes sleep for a curtailment, and wake when that ends or has watts to spare",
  );
});
