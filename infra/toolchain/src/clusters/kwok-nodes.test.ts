import { findCluster, limitHosts, type SitePlan } from "@ertis/provisioning-model";
import { loadPlans } from "@ertis/provisioning-model/load";
import { describe, expect, it } from "vitest";
import { kwokNodes } from "./kwok-nodes.ts";
import { localClusterNames } from "./local-clusters.ts";

function readPlans(): readonly SitePlan[] {
  const read = loadPlans();
  if (read.kind === "errors") {
    throw new Error("the sites of the repository have errors");
  }
  return read.plans;
}

describe("nodes that kwok plays", () => {
  const plans = readPlans();
  const found = findCluster(plans, "pavlodar-hub-s1-h1");
  if (found === undefined) {
    throw new Error("the hub has no first hall");
  }
  const { plan, cluster } = found;
  const nodes = kwokNodes(plan, cluster);

  it("are one a GPU host, in valid names and labels", () => {
    const hosts = cluster.hosts.filter(({ role }) => role === "gpu");
    expect(nodes.map(({ metadata }) => metadata.name)).toEqual(hosts.map(({ name }) => name));
    for (const { metadata } of nodes) {
      for (const value of Object.values(metadata.labels ?? {})) {
        expect(value).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
      }
    }
  });

  it("carry the GPUs of their class under the model's name, and the taint of GPU nodes", () => {
    expect(nodes[0]).toMatchObject({
      metadata: { annotations: { "kwok.x-k8s.io/node": "fake" } },
      spec: { taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }] },
      status: { allocatable: { "nvidia.com/h100-sxm-80gb": "8" } },
    });
  });

  it("stand in as many power feeds as the hall has", () => {
    const feeds = new Set(nodes.map(({ metadata }) => metadata.labels?.["ertis.kz/power-feed"]));
    expect(feeds).toEqual(new Set(cluster.powerFeeds.map(({ name }) => name)));
  });

  it("are labelled with their state and not tainted with it, as real ones are", () => {
    const inRepair = {
      ...cluster,
      hosts: cluster.hosts.map((host) => ({ ...host, state: "repair" as const })),
    };
    const [node] = kwokNodes(plan, inRepair);
    expect(node?.metadata.labels?.["ertis.kz/state"]).toBe("repair");
    expect(node).toHaveProperty("spec", {
      taints: [expect.objectContaining({ key: "nvidia.com/gpu" })],
    });
  });

  it("are Arm where their GPUs are Grace superchips", () => {
    const architectures = plans.flatMap((site) =>
      site.clusters.flatMap((hall) =>
        kwokNodes(site, hall).map(
          ({ metadata: { labels } }) =>
            `${labels?.["ertis.kz/node-class"]} ${labels?.["kubernetes.io/arch"]}`,
        ),
      ),
    );
    expect(architectures).toContain("gb200-tray arm64");
    expect(architectures).toContain("h100-8 amd64");
    expect(architectures).not.toContain("gb200-tray amd64");
  });

  it("are as many in the local halls of each site as the local profile takes", () => {
    const names = localClusterNames(plans);
    const counts = plans.map((site) => {
      const limited = limitHosts(site, 32);
      return limited.clusters.reduce(
        (sum, hall) => sum + (names.includes(hall.name) ? kwokNodes(limited, hall).length : 0),
        0,
      );
    });
    const expected = plans.map(({ mode }) => (mode === "provisioned" ? 32 : 0));
    expect(counts).toEqual(expected);
  });

  it("come in the clusters of the local profile", () => {
    expect(localClusterNames(plans)).toEqual([
      "management",
      "ai-data-center-s1-h1",
      "ai-data-center-s1-h2",
      "pavlodar-hub-s1-h1",
    ]);
  });
});
