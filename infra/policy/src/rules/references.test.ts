import { expect, test } from "vitest";
import type { Fields } from "../fields.ts";
import { kubernetesObject } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { references } from "./references.ts";

const infrastructure = "infrastructure.cluster.x-k8s.io/v1beta2";
const core = "cluster.x-k8s.io/v1beta2";

function objectOf(apiVersion: string, kind: string, name: string, spec: Fields) {
  return kubernetesObject({ apiVersion, kind, metadata: { name, namespace: "x" }, spec });
}

function clusterClass(template: string) {
  const templateRef = { apiVersion: infrastructure, kind: "Metal3MachineTemplate", name: template };
  return objectOf(core, "ClusterClass", "hall", {
    controlPlane: { machineInfrastructure: { templateRef } },
    workers: { machineDeployments: [{ class: "h100-8", infrastructure: { templateRef } }] },
  });
}

function cluster(className: string, pool: string) {
  const workers = { machineDeployments: [{ class: pool, name: "p", replicas: 1 }] };
  return objectOf(core, "Cluster", "small-s1-h1", {
    topology: { classRef: { name: className }, workers },
  });
}

const template = objectOf(infrastructure, "Metal3MachineTemplate", "gpu-1", {
  template: { spec: { dataTemplate: { name: "data-1" } } },
});
const data = objectOf(infrastructure, "Metal3DataTemplate", "data-1", { template: {} });

test("good: every reference resolves", () => {
  const resources = [clusterClass("gpu-1"), cluster("hall", "h100-8"), template, data];
  expect(references.check(resources, smallFacts())).toEqual([]);
});

test("bad: a template of another content", () => {
  const resources = [clusterClass("gpu-0"), cluster("hall", "h100-8"), template, data];
  const messages = references.check(resources, smallFacts());
  expect(messages).toHaveLength(2);
  expect(messages[0]).toContain("Metal3MachineTemplate gpu-0, which is not in the stack");
  expect(messages[0]).toContain("The stack has gpu-1; refer to one of them.");
});

test.each([
  ["no such class", [clusterClass("gpu-1"), cluster("old", "h100-8"), template, data], "class old"],
  ["no such pool", [clusterClass("gpu-1"), cluster("hall", "b200"), template, data], "class b200"],
  ["no such data", [clusterClass("gpu-1"), template], "Metal3DataTemplate data-1, which is not"],
])("bad: %s", (_, resources, says) => {
  expect(references.check(resources, smallFacts())).toEqual([expect.stringContaining(says)]);
});
