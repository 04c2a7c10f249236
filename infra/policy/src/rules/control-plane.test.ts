import { labelNames } from "@ertis/provisioning-model";
import { expect, test } from "vitest";
import { unknownValue } from "../fields.ts";
import type { Fields } from "../fields.ts";
import type { Resource } from "../resource.ts";
import { kubernetesObject } from "../test-resources.ts";
import { smallFacts, smallPlan } from "../test-sites.ts";
import { controlPlane } from "./control-plane.ts";

const infrastructure = "infrastructure.cluster.x-k8s.io/v1beta2";

function objectOf(apiVersion: string, kind: string, name: string, spec: Fields): Resource {
  return kubernetesObject({ apiVersion, kind, metadata: { name }, spec });
}

function feeds(...names: readonly string[]): Resource {
  const failureDomains = names.map((name) => ({ name, controlPlane: true }));
  const spec = { template: { spec: { failureDomains } } };
  return objectOf(infrastructure, "Metal3ClusterTemplate", "hall", spec);
}

function cluster(replicas: unknown, workerReplicas: number): Resource {
  const workers = { machineDeployments: [{ class: "a", name: "a", replicas: workerReplicas }] };
  const topology = { controlPlane: { replicas }, workers };
  return objectOf("cluster.x-k8s.io/v1beta2", "Cluster", "small-s1-h1", { topology });
}

function hosts(...feedsOfHosts: readonly string[]): readonly Resource[] {
  return feedsOfHosts.map((feed, index) =>
    kubernetesObject({
      apiVersion: "metal3.io/v1alpha1",
      kind: "BareMetalHost",
      metadata: {
        name: `m${index}`,
        labels: { [labelNames.role]: "control-plane", [labelNames.failureDomain]: feed },
      },
    }),
  );
}

function selecting(matchLabels: Fields): readonly Resource[] {
  const templateRef = { kind: "Metal3MachineTemplate", name: "control-plane-1" };
  return [
    objectOf("cluster.x-k8s.io/v1beta2", "ClusterClass", "hall", {
      controlPlane: { machineInfrastructure: { templateRef } },
    }),
    objectOf(infrastructure, "Metal3MachineTemplate", "control-plane-1", {
      template: { spec: { hostSelector: { matchLabels } } },
    }),
  ];
}

test.each<[string, readonly Resource[]]>([
  ["three feeds", [feeds("feed-1", "feed-2", "feed-3")]],
  ["three nodes and 4,997 workers", [cluster(3, 4_997)]],
  ["a size not known yet", [cluster(unknownValue, 10)]],
  ["hosts on three feeds", hosts("feed-1", "feed-2", "feed-3")],
  ["control plane hosts only", selecting({ [labelNames.role]: "control-plane" })],
])("good: %s", (_, resources) => {
  expect(controlPlane.check(resources, smallFacts())).toEqual([]);
});

test.each<[string, readonly Resource[], string]>([
  ["two feeds", [feeds("feed-1", "feed-2", "feed-2")], "on 2 power feeds, needed are 3"],
  ["two nodes", [cluster(2, 10)], "has 2 control plane nodes"],
  ["one node", [cluster(1, 10)], "has 1 control plane nodes"],
  ["5,001 nodes", [cluster(3, 4_998)], "has 5001 nodes"],
  ["hosts on two feeds", hosts("feed-1", "feed-2", "feed-2"), "stand on 2 power feeds"],
  ["any host", selecting({}), "GPU hosts included"],
  ["GPU hosts", selecting({ [labelNames.role]: "gpu" }), "GPU hosts included"],
])("bad: %s", (_, resources, says) => {
  expect(controlPlane.check(resources, smallFacts())).toEqual([expect.stringContaining(says)]);
});

test("bad: a plan whose control plane hosts share a feed", () => {
  const plan = smallPlan();
  const clusters = plan.clusters.map((one) => ({
    ...one,
    hosts: one.hosts.map((host) => ({ ...host, powerFeed: "feed-1" })),
  }));
  const facts = smallFacts({ plan: { ...plan, clusters } });
  const [message, ...others] = controlPlane.check([cluster(3, 10)], facts);
  expect(message).toContain("its 3 control plane hosts on 1 power feeds");
  expect(message).toMatch(/infra\/sites\/.*\.yaml:\d+/);
  expect(others).toEqual([]);
});
