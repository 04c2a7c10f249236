import { gpuTaint, labelNames } from "@ertis/provisioning-model";
import { expect, test } from "vitest";
import { unknownValue } from "../fields.ts";
import type { Fields } from "../fields.ts";
import { kubernetesObject } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { gpuPools } from "./gpu-pools.ts";

const gpuLabels = { [labelNames.role]: "gpu" };

function cluster(pool: Fields) {
  const workers = { machineDeployments: [{ class: "h100-8", name: "h100-8-feed-1", ...pool }] };
  return kubernetesObject({
    apiVersion: "cluster.x-k8s.io/v1beta2",
    kind: "Cluster",
    metadata: { name: "small-s1-h1" },
    spec: { topology: { workers } },
  });
}

/** The pool's class, and what its nodes register with. */
function registering(taints: readonly Fields[]) {
  const machineDeployments = [
    { class: "h100-8", bootstrap: { templateRef: { kind: "KubeadmConfigTemplate", name: "k-1" } } },
  ];
  return [
    kubernetesObject({
      apiVersion: "cluster.x-k8s.io/v1beta2",
      kind: "ClusterClass",
      metadata: { name: "hall" },
      spec: { workers: { machineDeployments } },
    }),
    kubernetesObject({
      apiVersion: "bootstrap.cluster.x-k8s.io/v1beta2",
      kind: "KubeadmConfigTemplate",
      metadata: { name: "k-1" },
      spec: { template: { spec: { joinConfiguration: { nodeRegistration: { taints } } } } },
    }),
  ];
}

test.each([
  ["tainted", [cluster({ metadata: { labels: gpuLabels }, taints: [gpuTaint] })]],
  [
    "tainted as it registers",
    [cluster({ metadata: { labels: gpuLabels } }), ...registering([gpuTaint])],
  ],
  ["a pool without GPUs", [cluster({ metadata: { labels: { [labelNames.role]: "storage" } } })]],
  ["taints not known yet", [cluster({ metadata: { labels: gpuLabels }, taints: unknownValue })]],
])("good: %s", (_, resources) => {
  expect(gpuPools.check(resources, smallFacts())).toEqual([]);
});

test.each([
  ["no taint", [cluster({ metadata: { labels: gpuLabels } }), ...registering([])]],
  ["known by its model", [cluster({ metadata: { labels: { [labelNames.gpuModel]: "H100" } } })]],
  [
    "another effect",
    [
      cluster({
        metadata: { labels: gpuLabels },
        taints: [{ ...gpuTaint, effect: "PreferNoSchedule" }],
      }),
    ],
  ],
])("bad: %s", (_, resources) => {
  expect(gpuPools.check(resources, smallFacts())).toEqual([
    expect.stringContaining(
      "the node pool h100-8-feed-1 has GPUs but not the taint nvidia.com/gpu=present:NoSchedule",
    ),
  ]);
});

function queueAndFlavor(tolerations: unknown) {
  const flavors = [{ name: "h100-8", resources: [] }];
  return [
    kubernetesObject({
      apiVersion: "kueue.x-k8s.io/v1beta2",
      kind: "ClusterQueue",
      metadata: { name: "research" },
      spec: { resourceGroups: [{ coveredResources: ["nvidia.com/h100-sxm-80gb"], flavors }] },
    }),
    kubernetesObject({
      apiVersion: "kueue.x-k8s.io/v1beta2",
      kind: "ResourceFlavor",
      metadata: { name: "h100-8" },
      spec: { tolerations },
    }),
  ];
}

test.each([
  ["that tolerates the taint", [gpuTaint]],
  ["that tolerates everything", [{ operator: "Exists" }]],
  ["that is not known yet", unknownValue],
])("good: a flavor %s", (_, tolerations) => {
  expect(gpuPools.check(queueAndFlavor(tolerations), smallFacts())).toEqual([]);
});

test("bad: a flavor that does not tolerate the taint", () => {
  expect(gpuPools.check(queueAndFlavor([{ key: "x" }]), smallFacts())).toEqual([
    expect.stringContaining("ResourceFlavor h100-8 gives out GPUs"),
  ]);
});
