import { expect, test } from "vitest";
import { clusterManifests } from "../clusters/cluster-manifests.ts";
import { managementManifests } from "../management/management-manifests.ts";
import { ofKind, plans, textsIn } from "../test-plans.ts";
import { artifactList, fileList } from "./file-list.ts";

const management = textsIn(managementManifests(plans)).map(({ text }) => text);

test("every artifact that a provider is fetched from, with the release files it is packed of", () => {
  const artifacts = artifactList(plans);
  const fetched = management.filter((text) => text.includes("/cluster-api-providers/"));
  expect(fetched).toHaveLength(5);
  expect(artifacts.map(({ target }) => target)).toEqual(fetched.toSorted());
  for (const { sources, target } of artifacts) {
    const version = target.slice(target.lastIndexOf(":") + 1);
    expect(sources).toEqual([
      expect.stringMatching(/^https:\/\/github\.com\/.*-components\.yaml$/u),
      expect.stringMatching(/\/metadata\.yaml$/u),
    ]);
    expect(sources.every((source) => source.includes(`/releases/download/${version}/`))).toBe(true);
  }
});

test("every file over HTTPS that a hall or Ironic boots hosts with, once", () => {
  const files = fileList(plans);
  const booted = [
    ...management,
    ...plans
      .filter(({ mode }) => mode === "provisioned")
      .flatMap((plan) =>
        // Templates hold a placeholder; the Cluster says which image it is.
        plan.clusters.flatMap((cluster) =>
          textsIn(
            ofKind(clusterManifests(plan, cluster, { infrastructure: "metal3" }), "Cluster"),
          ).map(({ text }) => text),
        ),
      ),
  ].filter((text) => /^https:\/\/\S+\.(?:raw|qcow2|kernel|initramfs)$/u.test(text));
  expect(files.map(({ target }) => target)).toEqual([...new Set(booted)].toSorted());
  expect(files.filter(({ target }) => target.endsWith(".kernel"))).toHaveLength(2);
  const hostImages = files.filter(({ target }) => target.endsWith(".raw"));
  expect(hostImages.length).toBeGreaterThanOrEqual(2);
  for (const { sha256, what } of hostImages) {
    expect(sha256).toMatch(/^[0-9a-f]{64}$/u);
    expect(what).toMatch(/^host image with Kubernetes 1\.\d+\.\d+$/u);
  }
});
