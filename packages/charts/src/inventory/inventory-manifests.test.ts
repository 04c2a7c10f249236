import { describe, expect, test } from "vitest";
import { at, hallNamed, halls, ofKind, only, withHosts } from "../test-plans.ts";
import { inventoryManifests } from "./inventory-manifests.ts";

const hall = hallNamed("pavlodar-hub-s1-h1");
const host = hall.cluster.hosts.find(({ role }) => role === "gpu");

function hostObject(name: string | undefined, from = hall): unknown {
  return inventoryManifests(from.plan, from.cluster).find(
    ({ kind, metadata }) => kind === "BareMetalHost" && metadata.name === name,
  );
}

describe.each(halls)("inventory of $cluster.name", ({ plan, cluster }) => {
  const manifests = inventoryManifests(plan, cluster);

  test("has every host, and for each the reference to its credentials", () => {
    const hosts = ofKind(manifests, "BareMetalHost");
    const secrets = new Set(
      ofKind(manifests, "ExternalSecret").map(({ metadata }) => metadata.name),
    );
    for (const reference of ofKind(manifests, "ExternalSecret")) {
      // A host that is let go keeps them.
      expect(at(reference, "spec", "target", "creationPolicy")).toBe("Orphan");
    }
    expect(hosts.map(({ metadata }) => metadata.name)).toEqual(
      cluster.hosts.map(({ name }) => name),
    );
    expect(secrets.size).toBe(hosts.length);
    for (const one of hosts) {
      expect(secrets.has(String(at(one, "spec", "bmc", "credentialsName")))).toBe(true);
      expect(at(one, "spec", "bmc", "disableCertificateVerification")).toBe(false);
    }
  });

  test("has addresses for all hosts, and names no cluster that would take them along", () => {
    const pool = only(manifests, "IPPool");
    expect(at(pool, "spec", "clusterName")).toBeUndefined();
    expect(at(pool, "spec", "pools", 0, "start")).toBe(cluster.networks.poolStart);
    expect(at(pool, "spec", "prefix")).toBe(Number(cluster.networks.hostCidr.split("/")[1]));
  });

  test("puts each host into the failure domain of its power feed", () => {
    for (const [index, one] of ofKind(manifests, "BareMetalHost").entries()) {
      expect(one.metadata.labels?.["infrastructure.cluster.x-k8s.io/failure-domain"]).toBe(
        cluster.hosts[index]?.powerFeed,
      );
    }
  });
});

describe("a host", () => {
  test("says in labels where it stands, and in annotations what it is to the scheduler", () => {
    const object = hostObject(host?.name);
    expect(at(object, "metadata", "labels")).toMatchObject({
      "ertis.kz/site": "pavlodar-hub",
      "ertis.kz/hall": "pavlodar-hub-s1-h1",
      "ertis.kz/row": "row-01",
      "ertis.kz/rack": "rack-01",
      "ertis.kz/power-feed": "feed-1",
      "ertis.kz/role": "gpu",
      "ertis.kz/node-class": "h100-8",
      "ertis.kz/gpu-model": "H100-SXM-80GB",
      "ertis.kz/state": "production",
    });
    expect(at(object, "metadata", "annotations")).toMatchObject({
      "ertis.kz/node-id": host?.nodeId,
      "ertis.kz/rated-watts": "10200",
      "ertis.kz/idle-watts": "2500",
    });
  });

  test("in repair has the label of it and no taint, which nobody would set, and nothing else changes", () => {
    const changed = withHosts(hall, (one) =>
      one.name === host?.name ? { ...one, state: "repair" } : one,
    );
    const after = hostObject(host?.name, changed);
    expect(at(after, "metadata", "labels", "ertis.kz/state")).toBe("repair");
    expect(at(after, "spec", "taints")).toBeUndefined();
    // Cluster API drains, releases and switches off; a declared `off` would come before all of that.
    expect(at(after, "spec", "online")).toBe(true);
    const before = inventoryManifests(hall.plan, hall.cluster).map((one) => JSON.stringify(one));
    const others = inventoryManifests(changed.plan, changed.cluster).filter(
      (one) => !before.includes(JSON.stringify(one)),
    );
    expect(others.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      `BareMetalHost ${host?.name}`,
    ]);
  });

  test("of a Grace superchip is an Arm one", () => {
    const tray = halls.find(({ cluster }) => cluster.nodeClasses[0]?.name === "gb200-tray");
    const manifests = tray === undefined ? [] : inventoryManifests(tray.plan, tray.cluster);
    const architectures = ofKind(manifests, "BareMetalHost").map((one) => [
      one.metadata.labels?.["ertis.kz/role"],
      at(one, "spec", "architecture"),
    ]);
    expect(architectures).toContainEqual(["gpu", "aarch64"]);
    expect(architectures).toContainEqual(["control-plane", "x86_64"]);
    expect(architectures).not.toContainEqual(["gpu", "x86_64"]);
  });

  test("keeps its disks over an upgrade unless it held etcd", () => {
    const modes = new Set(
      ofKind(inventoryManifests(hall.plan, hall.cluster), "BareMetalHost").map(
        (one) =>
          `${one.metadata.labels?.["ertis.kz/role"]} ${String(at(one, "spec", "automatedCleaningMode"))}`,
      ),
    );
    expect([...modes].toSorted()).toEqual([
      "control-plane metadata",
      "gpu disabled",
      "storage disabled",
    ]);
  });
});

test("the order of the hosts in the plan changes no object", () => {
  const reversed = { ...hall.cluster, hosts: hall.cluster.hosts.toReversed() };
  const sorted = (one: typeof hall.cluster): readonly string[] =>
    inventoryManifests(hall.plan, one)
      .map((manifest) => JSON.stringify(manifest))
      .toSorted();
  expect(sorted(reversed)).toEqual(sorted(hall.cluster));
});
