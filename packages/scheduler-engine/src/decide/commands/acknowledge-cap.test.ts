import { instant } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, Hub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { attemptOf, bending } from "../../testing/test-full-hub.ts";

/** Caps are ordered one after another, as a shed decision may; the last one is answered or not. */
function orderCaps(hub: Hub, job: number, caps: readonly number[]): void {
  for (const capWatts of caps) {
    const at = instant(hub.nowMs);
    const { attempt: count, endsByMs } = attemptOf(hub, job);
    const attempt = { job, task: 0, attempt: count };
    const event = { kind: "cap-set", attempt, capWatts, endsBy: instant(endsByMs) } as const;
    hub.engine.replay({ at, command: { kind: "place", at }, events: [event] });
    hub.nowMs += 3_000;
  }
}

test("a node that was late with one order is heard again when it answers the next, also where that lowers nothing", () => {
  const hub = new Hub(cappedHub());
  const job = hub.run({ ...bending, nodeCount: 2 });
  const { silentNodes } = known(hub.state.sites.get("hub"), "hub");
  // Up to its full power again before it has answered: no lowering is waited for any more.
  orderCaps(hub, job, [250, 0]);
  const { capInForce, capOrder, capWatts, heldNodes } = attemptOf(hub, job);
  expect(capInForce).toBeUndefined();
  expect([...silentNodes]).toEqual([...heldNodes]);
  const attempt = { job, task: 0, attempt: 1 };
  hub.report({ kind: "cap-applied", attempt, nodes: [], capWatts, order: capOrder - 1 });
  expect(silentNodes.size).toBe(2);
  hub.report({ kind: "cap-applied", attempt, nodes: [], capWatts, order: capOrder });
  expect(silentNodes.size).toBe(0);
});
