import { describe, expect, test } from "vitest";
import type { Manifest } from "../manifest.ts";
import { at, type Hall, hallNamed, listAt, only, withHosts } from "../test-plans.ts";
import { clusterManifests } from "./cluster-manifests.ts";

const hall = twoClasses(hallNamed("pavlodar-hub-s1-h1"));

/** Half of the rows of a hall with nodes of a second class, as after a renewal. */
function twoClasses(from: Hall): Hall {
  const [first] = from.cluster.nodeClasses;
  if (first === undefined) {
    throw new Error("the hall has no GPU hosts");
  }
  const second = { ...first, name: "h200-8", gpuModel: "H200-SXM-141GB" };
  const withClasses = { ...from, cluster: { ...from.cluster, nodeClasses: [first, second] } };
  return withHosts(withClasses, (host) =>
    host.role === "gpu" && host.rowIndex % 2 === 0 ? { ...host, nodeClass: second } : host,
  );
}

function render({ plan, cluster }: Hall): readonly Manifest[] {
  return clusterManifests(plan, cluster, { infrastructure: "metal3" });
}

function names(manifests: readonly Manifest[]): readonly string[] {
  return manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

/** Objects that a preview would show, without the hashes of their names. */
function changedKinds(before: readonly Manifest[], after: readonly Manifest[]): readonly string[] {
  const known = new Set(before.map((manifest) => JSON.stringify(manifest)));
  return names(after.filter((manifest) => !known.has(JSON.stringify(manifest)))).map((name) =>
    name.replace(/-[0-9a-f]{8}$/u, ""),
  );
}

function replicas(manifests: readonly Manifest[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    listAt(only(manifests, "Cluster"), "spec", "topology", "workers", "machineDeployments").map(
      (item) => [String(at(item, "name")), Number(at(item, "replicas"))],
    ),
  );
}

describe("what a change touches", () => {
  const before = render(hall);

  test("another GPU model of one class: the templates of that class and what names them", () => {
    const renamed = { ...hall.cluster.nodeClasses[1], gpuModel: "H200-NVL-141GB" };
    const nodeClasses = hall.cluster.nodeClasses.map((one) =>
      one.name === "h200-8" ? { ...one, ...renamed } : one,
    );
    const changed = withHosts({ ...hall, cluster: { ...hall.cluster, nodeClasses } }, (host) =>
      host.nodeClass?.name === "h200-8"
        ? { ...host, nodeClass: { ...host.nodeClass, ...renamed } }
        : host,
    );
    // Machines are selected by class, so only how they join changes; labels are in the Cluster.
    expect(changedKinds(before, render(changed))).toEqual([
      "KubeadmConfigTemplate h200-8",
      "ClusterClass pavlodar-hub-s1-h1",
      "Cluster pavlodar-hub-s1-h1",
    ]);
  });

  test("other watts of a class: nothing, for no template holds them", () => {
    const changed = withHosts(hall, (host) => ({ ...host, ratedWatts: host.ratedWatts + 1 }));
    expect(changedKinds(before, render(changed))).toEqual([]);
  });

  test("a host in repair: the Cluster, with one machine less in its feed", () => {
    const host = hall.cluster.hosts.find(({ role }) => role === "gpu");
    const after = render(
      withHosts(hall, (one) => (one === host ? { ...one, state: "repair" } : one)),
    );
    expect(changedKinds(before, after)).toEqual(["Cluster pavlodar-hub-s1-h1"]);
    const deployment = `${host?.nodeClass?.name}-${host?.powerFeed}`;
    const expected = { ...replicas(before) };
    expected[deployment] = (expected[deployment] ?? 0) - 1;
    expect(replicas(after)).toEqual(expected);
  });

  test("a host in burn-in or triage: nothing, for its tests need a node", () => {
    const host = hall.cluster.hosts.find(({ role }) => role === "gpu");
    for (const state of ["burn-in", "triage"] as const) {
      const after = render(withHosts(hall, (one) => (one === host ? { ...one, state } : one)));
      expect(changedKinds(before, after)).toEqual([]);
    }
  });

  test("all hosts of a class in a feed in repair: the deployment stays, with none", () => {
    const after = render(
      withHosts(hall, (host) =>
        host.nodeClass?.name === "h200-8" && host.powerFeed === "feed-2"
          ? { ...host, state: "repair" }
          : host,
      ),
    );
    expect(replicas(after)).toEqual({ ...replicas(before), "h200-8-feed-2": 0 });
  });

  test("another Kubernetes version with its host image: the Cluster alone, both in one update", () => {
    const after = render({
      ...hall,
      cluster: {
        ...hall.cluster,
        kubernetesVersion: "1.34.9",
        hostImage: {
          url: "https://images.pavlodar-hub.ertis.kz/ubuntu-24.04-kubernetes-1.34.9.qcow2",
          sha256: "a".repeat(64),
        },
      },
    });
    expect(changedKinds(before, after)).toEqual(["Cluster pavlodar-hub-s1-h1"]);
    expect(at(only(after, "Cluster"), "spec", "topology", "version")).toBe("v1.34.9");
    expect(listAt(only(after, "Cluster"), "spec", "topology", "variables")).toContainEqual({
      name: "hostImage",
      value: {
        url: "https://images.pavlodar-hub.ertis.kz/ubuntu-24.04-kubernetes-1.34.9.qcow2",
        checksum: "a".repeat(64),
        checksumType: "sha256",
        diskFormat: "qcow2",
      },
    });
  });

  test("another address of the control plane: not the machine templates", () => {
    const networks = { ...hall.cluster.networks, controlPlaneAddress: "10.160.0.3" };
    const after = render({ ...hall, cluster: { ...hall.cluster, networks } });
    expect(changedKinds(before, after)).toEqual([
      "KubeadmControlPlaneTemplate control-plane",
      "ClusterClass pavlodar-hub-s1-h1",
      "Cluster pavlodar-hub-s1-h1",
    ]);
  });
});
