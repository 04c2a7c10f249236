import { expect, test } from "vitest";
import { Hub } from "../read/test-hub.ts";
import { known } from "../state/assert.ts";

function heldGpus(hub: Hub): readonly number[] {
  return [...known(hub.state.sites.get("hub"), "hub").gpusHeld];
}

test("a confirmation that names a node twice lets go of it once", () => {
  const hub = new Hub();
  const job = hub.run({ nodeCount: 2, gpusPerNode: 4 });
  hub.report({
    kind: "stop-confirmed",
    attempt: { job, task: 0, attempt: 1 },
    nodes: [1, 1],
  });
  expect(heldGpus(hub)).toEqual([4, 0, 0, 0, 0, 0, 0, 0]);
});
