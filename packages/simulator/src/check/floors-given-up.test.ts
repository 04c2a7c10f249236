import type { FlexibilityTier } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import { checkedWorld, curtailment, keyOf, released, started } from "./test-checks.ts";
import { ended, exited, hourMs, job, pause, window, withId } from "./test-floors.ts";

/** A cap of 200 W for half of the event, beside another one that gives up floors meanwhile. */
function givenUp(giveUp: readonly FlexibilityTier[], capWatts: number): readonly string[] {
  const world = checkedWorld({ jobs: [job] });
  const plain = curtailment("planned", hourMs, 1.5 * hourMs);
  const other = withId(plain, "inner", giveUp);
  world.tell(0, started(keyOf(1), [0, 1]), window, other);
  world.tell(hourMs, pause);
  world.tell(hourMs, exited(1), released(keyOf(1)));
  world.tell(1.5 * hourMs, { kind: "curtailment-ended", ids: ["inner"] });
  world.tell(1.5 * hourMs, started(keyOf(1, 2), [0, 1], capWatts));
  world.tell(2 * hourMs, ended);
  return world.broken("floor");
}

test("a floor that is given up is not broken, nor that of another one over it meanwhile", () => {
  expect(givenUp([], 0).length).toBe(2);
  expect(givenUp([50, 10], 0).length).toBe(2);
  expect(givenUp([50, 25], 0)).toEqual([]);
  // The restore is for the one that paused it, too: a quarter of it counts to the outer one, as of the pause itself.
  expect(givenUp([25], 300)).toEqual([]);
  // What caps take once that has given its watts back is the outer one's, though it lasts since.
  expect(givenUp([25], 200)).toEqual([
    expect.stringContaining("to curtailment c, its tier tolerates 25 %"),
  ]);
});

test("nodes given back below one that gives its floor up are its own until the gang has them again, also when it goes on elsewhere", () => {
  const toAll = (giveUp: readonly FlexibilityTier[]): readonly string[] => {
    const world = checkedWorld({ jobs: [job] });
    const rack = curtailment("planned", hourMs, 1.5 * hourMs, "t/hall-1/row-1/rack-2");
    world.tell(0, started(keyOf(1), [0, 2]), window, withId(rack, "rack", giveUp));
    world.tell(hourMs, { ...pause, nodes: [0] }, { kind: "job-resumed", job: 1 });
    world.tell(hourMs, exited(1), released(keyOf(1)));
    world.tell(hourMs, started(keyOf(1, 2), [0]));
    world.tell(1.5 * hourMs, { kind: "curtailment-ended", ids: ["rack"] });
    world.tell(2 * hourMs, ended);
    return world.broken("floor").filter((message) => message.includes("to curtailment c,"));
  };
  expect(toAll([25])).toEqual([]);
  expect(toAll([])[0]).toContain("lost 54.17 %");
});
