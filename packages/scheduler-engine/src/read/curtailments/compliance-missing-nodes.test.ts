import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { attemptsOf, cappedHub, Hub } from "../../testing/test-hub.ts";
import {
  announce,
  longWalltime,
  malleable,
  oneNodeLess,
  saved,
} from "../../testing/test-malleable-gang.ts";
import { openForOthersAfterMs } from "../../power/shedding/count-after.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { complianceOf } from "./compliance.ts";

const minuteMs = 60_000;

/** Minute by minute: who is told to stop is gone with the next one. */
function pass(hub: Hub, minutes: number): void {
  for (let minute = 0; minute < minutes; minute += 1) {
    const stopping = attemptsOf(hub).filter(({ phase }) => phase === "stopping");
    hub.wait(minuteMs);
    for (const { job, task, attempt } of stopping) {
      const key = { job, task, attempt };
      saved(hub, key);
      hub.report({ kind: "stop-confirmed", attempt: key, nodes: [] });
    }
    for (let round = 0; round < 10 && hub.engine.needsPass; round += 1) {
      hub.place();
    }
  }
}

test("nodes that one which gave floors up has taken are no loss to what begins after it, neither for itself nor for the other", () => {
  const hub = new Hub(cappedHub());
  hub.run({ nodeCount: 4, walltime: longWalltime });
  const gang = hub.run(malleable);
  pass(hub, 1);
  announce(hub, oneNodeLess(hub.nowMs, { giveUp: [50] }));
  pass(hub, 5);
  const sizeOf = (): number =>
    attemptsOf(hub).find((one) => one.job === gang)?.placement.nodes.length ?? 0;
  expect(sizeOf()).toBe(3);
  const held = new Set(attemptsOf(hub).flatMap(({ heldNodes }) => heldNodes));
  hub.cordon(...[0, 1, 2, 3, 4, 5, 6, 7].filter((node) => !held.has(node)));
  pass(hub, 60);
  expect(sizeOf()).toBe(3);
  const start = instant(hub.nowMs + 5 * minuteMs);
  const end = instant(hub.nowMs + 65 * minuteMs);
  announce(
    hub,
    oneNodeLess(hub.nowMs, { id: "later", mode: "planned", target: watts(42_000), start, end }),
  );
  pass(hub, 35);
  expect(sizeOf()).toBe(3);
  const record = known(hub.state.curtailments.records.get("later"), "later");
  const id = taskIdOf({ job: gang, task: 0 });
  expect(openForOthersAfterMs(hub.state, record, id)).toBe(0);
  expect(known(complianceOf(hub.state, "later"), "later").jobs).toEqual([]);
  const [before] = known(complianceOf(hub.state, "evening"), "evening").jobs;
  expect(before).toMatchObject({ job: gang, isHeldBack: true });
});
