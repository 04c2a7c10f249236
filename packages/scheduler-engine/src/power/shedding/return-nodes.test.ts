import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { cappedHub, Hub, startMs } from "../../testing/test-hub.ts";
import { returnNodes } from "./return-nodes.ts";
import { pausedMember } from "./shed-jobs.ts";

/** A rack bears one node at full power and an idle one. */
const tightRacks = cappedHub()
  .replace(/\n +gpuCap: .*/, "")
  .replace("limit: 50 kW", "limit: 8 kW");

test("a paused task is planned where breakers bear it, once others hold its own nodes", () => {
  const hub = new Hub(tightRacks);
  const number = hub.run({ isHeld: true });
  hub.run();
  const site = known(hub.state.sites.get("hub"), "site");
  const job = known(hub.state.jobs.get(number), "job");
  const paused = {
    job: number,
    task: 0,
    site: "hub",
    nodes: [0],
    gpusPerNode: 8,
    fromMs: startMs,
    untilMs: startMs,
    isReturning: true,
    isShrinking: false,
  };
  expect(site.gpusHeld[0]).toBe(8);
  expect(returnNodes(hub.state, site, paused)).toEqual([2]);
  const member = pausedMember({ state: hub.state, site, record: undefined }, job, paused);
  const domains = [...known(member, "member").shed.domains].map((at) => site.site.domains[at]?.id);
  expect(domains[0]).toBe("hub/sub-1/hall-1/row-1/rack-2");
});
