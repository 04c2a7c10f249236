import { addons, versions } from "@ertis/charts";
import { expect, test } from "vitest";
import { unknownValue } from "../fields.ts";
import { helmReleaseType } from "../resource.ts";
import { kubernetesObject, resourceOf } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { testedVersions } from "./tested-versions.ts";

function cluster(version: unknown) {
  return kubernetesObject({
    apiVersion: "cluster.x-k8s.io/v1beta2",
    kind: "Cluster",
    metadata: { name: "small-s1-h1" },
    spec: { topology: { version } },
  });
}

function release(chart: string, version: unknown) {
  const inputs = { chart: `oci://registry.small.ertis.kz/charts/${chart}`, version };
  return resourceOf(helmReleaseType, chart, { inputs });
}

function provider(kind: string, version: string) {
  return kubernetesObject({
    apiVersion: "operator.cluster.x-k8s.io/v1alpha2",
    kind,
    metadata: { name: "p" },
    spec: { version },
  });
}

test.each([
  ["1.34", cluster("v1.34.2")],
  ["1.35", cluster("v1.35.6")],
  ["a version not known yet", cluster(unknownValue)],
  ["a provider", provider("InfrastructureProvider", versions.providers.metal3.version)],
])("good: %s", (_, resource) => {
  expect(testedVersions.check(resource, smallFacts())).toEqual([]);
});

test.each(addons)("good: $name at its pinned version", ({ chart, version }) => {
  expect(testedVersions.check(release(chart.name, version.version), smallFacts())).toEqual([]);
});

test.each([
  ["1.36", cluster("v1.36.3"), "Network Operator is tested on Kubernetes 1.31 to 1.35 only"],
  ["1.33", cluster("v1.33.1"), "Kubernetes 1.33 is outside the tested set"],
  ["no version", cluster("latest"), '"latest" is no Kubernetes version'],
  ["a newer chart", release("kueue", "0.19.2"), "chart kueue 0.19.2 is not the tested 0.18.2"],
  ["a chart without version", release("kueue", undefined), "chart kueue without a version"],
  ["a chart nobody tested", release("istio", "1.30.0"), "chart istio is not in the tested matrix"],
  [
    "another provider",
    provider("CoreProvider", "v1.14.0"),
    "version v1.14.0 is not the tested v1.13",
  ],
])("bad: %s", (_, resource, says) => {
  const [message, ...others] = testedVersions.check(resource, smallFacts());
  expect(message).toContain(says);
  expect(message).toMatch(/packages\/charts\/src\/versions\.ts:\d+\.$/);
  expect(others).toEqual([]);
});

test("a version of Kubernetes is told with the line of the site that says it", () => {
  const [message] = testedVersions.check(cluster("v1.36.3"), smallFacts());
  expect(message).toContain("Change kubernetesVersion at infra/sites/provisioning/small.yaml:5.");
});
