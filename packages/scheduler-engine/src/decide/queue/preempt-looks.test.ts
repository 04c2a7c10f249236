import { milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { preemptionsPerPassMax } from "../../limits.ts";
import { Hub, hourMs } from "../../testing/test-hub.ts";
import { fill, share, stoppingOf } from "../../testing/test-preemption.ts";

/**
 * Others hold all nodes, one of them with a job that may be stopped for south's guarantee. Before the one that needs a
 * node, more of south wait for two than a pass thinks about; a start is promised to north.
 */
function manyBefore(passCount: number): { readonly hub: Hub; readonly last: number } {
  const hub = new Hub();
  share(hub, [
    { id: "north", weight: 1, quota: { guaranteedGpuCount: 8, guaranteed: watts(8_000) } },
    { id: "south", weight: 1, quota: { guaranteedGpuCount: 16, guaranteed: watts(24_000) } },
    { id: "north/p1", weight: 1 },
    { id: "south/p2", weight: 1 },
  ]);
  fill(hub, { project: "p1", priorityClass: "normal", preemptible: false }, 7);
  fill(hub, { project: "p1", priorityClass: "normal" }, 1);
  hub.wait(hourMs);
  hub.run({ project: "p1", nodeCount: 3 });
  for (let count = 0; count < passCount * preemptionsPerPassMax; count += 1) {
    // A shape of its own each.
    const walltime = milliseconds(600_000 * 2 ** Math.floor(count / 4));
    hub.submit({ project: "p2", nodeCount: 2, gpusPerNode: 8 - (count % 4), walltime });
  }
  const last = hub.submit({ project: "p2", walltime: milliseconds(hourMs) });
  hub.place();
  return { hub, last };
}

/** As the runtime does: a tick when one is due, then a pass. */
function goOn(hub: Hub, untilMs: number): void {
  for (let next = hub.engine.nextTickAtMs(); next !== undefined && next <= untilMs;) {
    hub.wait(next - hub.nowMs);
    if (hub.engine.needsPass) {
      hub.place();
    }
    next = hub.engine.nextTickAtMs();
  }
}

for (const passCount of [1, 2]) {
  test(`who comes after more than ${passCount * preemptionsPerPassMax} for whom nobody stops has his guarantee back seconds later, though nothing happens`, () => {
    const { hub } = manyBefore(passCount);
    expect(stoppingOf(hub)).toEqual([]);
    goOn(hub, hub.nowMs + 5_000);
    expect(stoppingOf(hub)).toHaveLength(1);
  });
}

test("and passes go on only until all have been thought about", () => {
  const { hub, last } = manyBefore(2);
  hub.change("cancel-jobs", [last]);
  goOn(hub, hub.nowMs + 10_000);
  expect([stoppingOf(hub), hub.state.preemptsGoOnAtMs]).toEqual([[], Infinity]);
});
