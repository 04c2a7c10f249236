import { watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import type { ClusterSite } from "../cluster/cluster-site.ts";
import { change, testSite, wish } from "../test-site.ts";
import { ChangeAssembly, encodeChange } from "./change-pieces.ts";
import { lightenedSite } from "./site-fields.ts";
import { encode, parseToCluster } from "./wire.ts";

test("a wish comes out as it went in, its kind of work included", () => {
  const run = wish({ job: 1, workloadClass: "fine-tune", capWatts: 300, capOrder: 2 });
  const whole = change(7, [run, wish({ job: 2, nodes: [1] })], { isComplete: true });
  const assembly = new ChangeAssembly();
  const taken = encodeChange(whole, []).map((line) => {
    const message = parseToCluster(line);
    return message.kind === "desired" ? assembly.add(message) : undefined;
  });
  expect(taken.at(-1)).toEqual({ change: whole, lost: [] });
});

test("a site comes out as it went in: caps, meters and curves", () => {
  const site: ClusterSite = {
    ...testSite,
    nodeClasses: testSite.nodeClasses.map((one) => ({
      ...one,
      gpuCap: { lowestWatts: watts(200), highestWatts: watts(700) },
    })),
    nodes: testSite.nodes.map((node) => ({ ...node, domainIndex: 0 })),
    domains: [
      {
        kind: "feed",
        parentIndex: -1,
        fixedWatts: watts(1_000),
        loadFactor: { numerator: 11, denominator: 10 },
      },
    ],
    curves: [
      {
        gpuModel: "H100-SXM-80GB",
        workloadClass: "own",
        points: [
          { capWatts: 350, speed: 0.625, drawWatts: 341.5 },
          { capWatts: 700, speed: 1, drawWatts: 690 },
        ],
      },
    ],
  };
  const line = encode({ kind: "site", generation: 3, site: lightenedSite(site) });
  expect(parseToCluster(line)).toEqual({ kind: "site", generation: 3, site });
});
