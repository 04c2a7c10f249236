import { expect, test } from "vitest";
import { bending } from "../../testing/test-full-hub.ts";
import { cappedHub, Hub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import { gangLoad } from "../gang-load.ts";
import { runningMember } from "./shed-jobs.ts";

function gang(): { readonly hub: Hub; readonly member: () => ReturnType<typeof runningMember> } {
  const hub = new Hub(cappedHub());
  const job = hub.run({ ...bending, nodeCount: 3 });
  const site = known(hub.state.sites.get("hub"), "site");
  const attempt = known(activeAttempts(known(hub.state.jobs.get(job), "job"))[0], "attempt");
  return {
    hub,
    member: () => runningMember({ state: hub.state, site, record: undefined }, attempt),
  };
}

test("a gang whose nodes all follow orders is asked for by its own list of nodes, by which its load is kept", () => {
  const { hub, member } = gang();
  const site = known(hub.state.sites.get("hub"), "site");
  const [attempt] = [...site.attempts];
  const found = member();
  expect(found?.nodes).toBe(attempt?.heldNodes);
  const { scaledPerGpuWatt } = gangLoad(site, known(attempt, "attempt").heldNodes, 8);
  expect(found?.shed.scaledPerGpuWatt).toBe(scaledPerGpuWatt);
  // At full power, which is 400 W a GPU.
  expect([...(found?.countedScaled ?? [])]).toEqual([...scaledPerGpuWatt].map((one) => one * 400));
});

test("one of which a node does not answer is asked for by the others", () => {
  const { hub, member } = gang();
  const site = known(hub.state.sites.get("hub"), "site");
  const nodes = known(member(), "member").nodes;
  site.silentNodes.add(known(nodes[1], "node"));
  expect(member()?.nodes).toEqual([nodes[0], nodes[2]]);
});
