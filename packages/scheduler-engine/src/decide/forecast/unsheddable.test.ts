import { formatWatts, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { known } from "../../state/assert.ts";
import { bending, curtailment } from "../../testing/test-full-hub.ts";
import { cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";

/** Gangs of two nodes on all eight, so many of them protected; a node draws 2 kW beside its GPUs, at full power 5.2 kW. */
function hubWith(protectedCount: number): Hub {
  const hub = new Hub(cappedHub());
  for (let gang = 0; gang < 4; gang += 1) {
    const changes = gang < protectedCount ? {} : bending;
    hub.run({ ...changes, nodeCount: 2, walltime: milliseconds(10 * hourMs) });
  }
  return hub;
}

test("a refusal for floors tells what of its smallest target protected jobs and unsheddable loads take", () => {
  // Planned ones count what is drawn, 95 % of a cap, emergencies the caps themselves.
  for (const [mode, drawn] of [
    ["planned", 12_160],
    ["emergency", 12_800],
  ] as const) {
    const refused = previewCurtailment(
      hubWith(2).state,
      curtailment({ mode, target: watts(20_000) }),
    );
    const { unsheddable, smallest } = known(
      refused.kind === "rejected" ? refused.infeasible : undefined,
      "a refusal",
    );
    // Their GPUs at full power; all nodes are in use, and 1 kW is a fixed load.
    expect(unsheddable).toEqual({
      protectedCount: 2,
      protectedDraw: drawn,
      rest: 17_000,
      keptFree: 0,
    });
    expect(toNumber(smallest)).toBeGreaterThan(drawn + 17_000);
    expect(refused.kind === "rejected" ? refused.message : "").toContain(
      `; of that GPUs of 2 protected jobs (tier 0) take ${formatWatts(watts(drawn))}, and fixed loads, idle nodes that have to stay on and what running nodes draw beside their GPUs take 17.0 kW; giving up`,
    );
  }
});

test("where nobody is protected nobody is named so", () => {
  const refused = previewCurtailment(hubWith(0).state, curtailment({ target: watts(20_000) }));
  const message = refused.kind === "rejected" ? refused.message : "";
  expect(message).toContain(
    "; of that fixed loads, idle nodes that have to stay on and what running nodes draw beside their GPUs take 17.0 kW; giving up",
  );
});
