import { describe, expect, test } from "vitest";
import { at, only, plans } from "../test-plans.ts";
import { registeredClusterManifests } from "./registered-cluster-manifests.ts";

describe.each(plans.filter(({ mode }) => mode === "registered"))("$site.id", (plan) => {
  const manifests = registeredClusterManifests(plan);

  test("has its kubeconfig where Cluster API would put it, by reference", () => {
    const kubeconfig = only(manifests, "ExternalSecret");
    expect(kubeconfig.metadata).toMatchObject({
      name: `${plan.site.id}-kubeconfig`,
      namespace: plan.site.id,
    });
    // Nothing of ours runs there once the stack is gone, so the key to it goes, too.
    expect(at(kubeconfig, "spec", "target", "creationPolicy")).toBe("Owner");
    expect(at(kubeconfig, "spec", "data")).toEqual([
      {
        secretKey: "value",
        remoteRef: { key: `clusters/${plan.site.id}/kubeconfig`, property: "value" },
      },
    ]);
  });

  test("tells the facts of its halls", () => {
    const data = at(only(manifests, "ConfigMap"), "data");
    const [cluster] = plan.clusters;
    const facts: unknown = JSON.parse(String(at(data, `${cluster?.name}.json`)));
    expect(facts).toMatchObject({
      hall: cluster?.hall.id,
      nodeClasses: [{ name: "h200-8", gpuCount: 8, nodes: cluster?.hosts.length }],
    });
  });

  test("provisions nothing", () => {
    expect(manifests.map(({ kind }) => kind)).toEqual(["Namespace", "ConfigMap", "ExternalSecret"]);
  });
});
