import { describe, expect, test } from "vitest";
import { hallNamed, halls, withHosts } from "../test-plans.ts";
import { clusterProblems } from "./cluster-problems.ts";

const { plan, cluster } = hallNamed("pavlodar-hub-s1-h1");

test.each(halls)("$cluster.name can be a cluster", (hall) => {
  expect(clusterProblems(hall.plan, hall.cluster)).toEqual([]);
});

describe("a hall that cannot be a cluster says why and where", () => {
  test("too many nodes, in its API server and in its pod network", () => {
    const hosts = Array.from({ length: 11 }, () => cluster.hosts).flat();
    const problems = clusterProblems(plan, { ...cluster, hosts });
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatch(
      /^infra\/sites\/provisioning\/pavlodar-hub\.yaml:\d+: cluster pavlodar-hub-s1-h1 has 5445 nodes, at most 5000/u,
    );
    expect(problems[1]).toContain("for 512, a /24 each");
  });

  test("a control plane host in repair", () => {
    const hall = withHosts({ plan, cluster }, (host) =>
      host.name.endsWith("-m1") ? { ...host, state: "repair" } : host,
    );
    const problems = clusterProblems(plan, hall.cluster);
    expect(problems[0]).toContain("has 2 control plane hosts in production and needs 3");
    expect(problems[1]).toContain("in 2 power feeds and needs them in 3");
  });

  test("a node class that is called as management hosts are", () => {
    const nodeClasses = cluster.nodeClasses.map((one) => ({ ...one, name: "storage" }));
    expect(clusterProblems(plan, { ...cluster, nodeClasses })[0]).toContain('node class "storage"');
  });
});
