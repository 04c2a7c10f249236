import type { Event } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import { capSet, checkedWorld, curtailment, keyOf, started } from "./test-checks.ts";

const hourMs = 3_600_000;
const ended: Event = { kind: "curtailment-ended", ids: ["c"] };
const tolerant = { name: "job-1", nodeCount: 2, flexibilityTier: 25 as const };

/** It begins where the first one ends, and gives the floor of the job up. */
const later = givingUp(curtailment("planned", 2 * hourMs, 3 * hourMs));

function givingUp(event: Event): Event {
  return event.kind === "curtailment-scheduled"
    ? { ...event, curtailment: { ...event.curtailment, id: "later", giveUp: [25] } }
    : event;
}

test("what falls for one that gives floors up before its start is no loss to another beyond the tier, and not sooner than it can", () => {
  const lossOf = (ramp: string, fallsMs: number, plannedMs: number): readonly string[] => {
    const world = checkedWorld({ jobs: [tolerant], ramp });
    world.tell(0, started(keyOf(1), [0, 1]), curtailment("planned", hourMs, 2 * hourMs), later);
    world.tell(plannedMs, { kind: "curtailment-planned", id: "later" });
    world.tell(fallsMs, capSet(keyOf(1), 20));
    world.tell(2 * hourMs, ended);
    return world.broken("floor");
  };
  const ramp = "ramp: 1 kW/min over 60 s";
  expect(lossOf(ramp, 1.5 * hourMs, 1.5 * hourMs)).toEqual([]);
  expect(lossOf(ramp, 1.5 * hourMs, 1.9 * hourMs)).toHaveLength(1);
  // Without ramps it falls a minute before it.
  expect(lossOf("", 1.5 * hourMs, 1.5 * hourMs)).toHaveLength(1);
});
