import { describe, expect, test } from "vitest";
import { contentHash } from "../content-hash.ts";
import { inventoryManifests } from "../inventory/inventory-manifests.ts";
import type { Manifest } from "../manifest.ts";
import { at, halls, listAt, ofKind, only, textsIn } from "../test-plans.ts";
import { clusterManifests } from "./cluster-manifests.ts";

const cases = halls.flatMap(({ plan, cluster }) =>
  (["metal3", "in-memory"] as const).map((infrastructure) => ({
    plan,
    cluster,
    infrastructure,
    manifests: clusterManifests(plan, cluster, { infrastructure }),
  })),
);

function isTemplate({ kind }: Manifest): boolean {
  return kind.endsWith("Template");
}

/** Every `templateRef` of a value, as `apiVersion kind name`. */
function templateReferences(value: unknown): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) => templateReferences(item));
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, item]: readonly [string, unknown]) =>
    key === "templateRef"
      ? [
          `${String(at(item, "apiVersion"))} ${String(at(item, "kind"))} ${String(at(item, "name"))}`,
        ]
      : templateReferences(item),
  );
}

describe.each(cases)("$infrastructure cluster of $cluster.name", (one) => {
  const { plan, cluster, manifests } = one;
  const clusterClass = only(manifests, "ClusterClass");
  const clusterObject = only(manifests, "Cluster");
  const deployments = listAt(clusterObject, "spec", "topology", "workers", "machineDeployments");

  test("names every template by the hash of its content", () => {
    const templates = manifests.filter(isTemplate);
    expect(templates.length).toBeGreaterThan(4);
    for (const { metadata, ...rest } of templates) {
      expect(metadata.name.endsWith(`-${contentHash(rest["spec"])}`), metadata.name).toBe(true);
    }
  });

  test("refers only to templates that are there, and has none that nothing refers to", () => {
    const templates = manifests
      .filter(isTemplate)
      // Referred to by machine templates, by name only.
      .filter(({ kind }) => kind !== "Metal3DataTemplate")
      .map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`);
    expect([...new Set(templateReferences(clusterClass))].toSorted()).toEqual(templates.toSorted());
  });

  test("is of the class beside it, and its deployments are of classes of that", () => {
    expect(at(clusterObject, "spec", "topology", "classRef", "name")).toBe(
      clusterClass.metadata.name,
    );
    const classes = listAt(clusterClass, "spec", "workers", "machineDeployments").map((item) =>
      at(item, "class"),
    );
    expect(new Set(classes).size).toBe(classes.length);
    expect(classes).toEqual(expect.arrayContaining(deployments.map((item) => at(item, "class"))));
  });

  test("has a machine for each GPU host that is a node, feed by feed", () => {
    for (const nodeClass of cluster.nodeClasses) {
      for (const feed of cluster.powerFeeds) {
        const hosts = cluster.hosts.filter(
          ({ nodeClass: found, powerFeed }) =>
            found?.name === nodeClass.name && powerFeed === feed.name,
        );
        const found = deployments.filter(
          (item) => at(item, "class") === nodeClass.name && at(item, "failureDomain") === feed.name,
        );
        expect(found).toHaveLength(hosts.length === 0 ? 0 : 1);
        if (hosts.length > 0) {
          expect(at(found[0], "replicas")).toBe(
            hosts.filter(({ state }) => ["burn-in", "production", "triage"].includes(state)).length,
          );
        }
      }
    }
  });

  test("holds fewer than 5,000 nodes, and never takes more hosts than it has", () => {
    const workers = deployments.map((item) => Number(at(item, "replicas")));
    const controlPlane = Number(at(clusterObject, "spec", "topology", "controlPlane", "replicas"));
    const total = workers.reduce((sum, count) => sum + count, controlPlane);
    expect(total).toBeLessThanOrEqual(5000);
    expect(total).toBe(cluster.hosts.length);
    expect(controlPlane).toBe(3);
  });

  test("rolls without a spare host", () => {
    for (const item of listAt(clusterClass, "spec", "workers", "machineDeployments")) {
      expect(at(item, "rollout", "strategy", "rollingUpdate")).toEqual({
        maxSurge: 0,
        maxUnavailable: 1,
      });
    }
    const controlPlane = only(manifests, "KubeadmControlPlaneTemplate");
    expect(
      at(controlPlane, "spec", "template", "spec", "rollout", "strategy", "rollingUpdate"),
    ).toEqual({ maxSurge: 0 });
  });

  test("registers GPU nodes with their taint, and only those", () => {
    for (const template of ofKind(manifests, "KubeadmConfigTemplate")) {
      const registration = at(
        template,
        "spec",
        "template",
        "spec",
        "joinConfiguration",
        "nodeRegistration",
      );
      const isGpu = cluster.nodeClasses.some(({ name }) => template.metadata.name.startsWith(name));
      expect(listAt(registration, "taints")).toEqual(
        isGpu ? [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }] : [],
      );
    }
  });

  test("pulls through the site's registry: every name in the files of a node ends there", () => {
    for (const { text } of manifests.flatMap((manifest) => textsIn(manifest))) {
      for (const [, host] of text.matchAll(/(?:server = |\[host\.)'https:\/\/([^/']+)/gu)) {
        expect(host).toBe(plan.registry);
      }
    }
  });
});

test.each(cases.filter(({ infrastructure }) => infrastructure === "in-memory"))(
  "in-memory cluster of $cluster.name has nothing that needs hosts or Secrets",
  ({ manifests }) => {
    const kinds = manifests.map(({ kind }) => kind);
    expect(kinds.filter((kind) => /^Metal3|^ExternalSecret|^IPPool/u.test(kind))).toEqual([]);
    expect(JSON.stringify(manifests)).not.toContain("ds.meta_data");
    expect(JSON.stringify(manifests)).not.toContain("contentFrom");
    expect(JSON.stringify(manifests)).not.toContain("imageRepository");
  },
);

describe.each(cases.filter(({ infrastructure }) => infrastructure === "metal3"))(
  "metal3 cluster of $cluster.name",
  ({ plan, cluster, manifests }) => {
    const inventory = inventoryManifests(plan, cluster);
    const metalCluster = only(manifests, "Metal3ClusterTemplate");
    const domains = listAt(metalCluster, "spec", "template", "spec", "failureDomains");

    test("has a failure domain for each power feed, and three for its control plane", () => {
      expect(domains.map((item) => at(item, "name"))).toEqual(
        cluster.powerFeeds.map(({ name }) => name),
      );
      expect(
        domains.filter((item) => at(item, "controlPlane") === true).length,
      ).toBeGreaterThanOrEqual(3);
      const used = listAt(
        only(manifests, "Cluster"),
        "spec",
        "topology",
        "workers",
        "machineDeployments",
      ).map((item) => at(item, "failureDomain"));
      expect(domains.map((item) => at(item, "name"))).toEqual(expect.arrayContaining(used));
    });

    test("selects hosts by role, class and state: hosts of one selector, and all of them", () => {
      const templates = ofKind(manifests, "Metal3MachineTemplate");
      const hosts = ofKind(inventory, "BareMetalHost");
      const taken = templates.flatMap((template) => {
        const selector = at(template, "spec", "template", "spec", "hostSelector");
        const labels = Object.entries(at(selector, "matchLabels") ?? {});
        const [state] = listAt(selector, "matchExpressions");
        expect(labels.length).toBeGreaterThanOrEqual(1);
        expect(at(state, "key")).toBe("ertis.kz/state");
        expect(at(state, "operator")).toBe("in");
        const found = hosts
          .filter(({ metadata }) =>
            labels.every(([key, value]) => metadata.labels?.[key] === value),
          )
          .filter(({ metadata }) =>
            listAt(state, "values").includes(metadata.labels?.["ertis.kz/state"]),
          );
        const isControlPlane = template.metadata.name.startsWith("control-plane-");
        if (isControlPlane) {
          expect(found.map(({ metadata }) => metadata.labels?.["ertis.kz/role"])).toEqual([
            "control-plane",
            "control-plane",
            "control-plane",
          ]);
        }
        return found.map(({ metadata }) => metadata.name);
      });
      expect(new Set(taken).size).toBe(taken.length);
      expect(taken.toSorted()).toEqual(cluster.hosts.map(({ name }) => name).toSorted());
    });

    test("takes the same hosts back over a rollout and keeps the disks of workers", () => {
      for (const template of ofKind(manifests, "Metal3MachineTemplate")) {
        expect(at(template, "spec", "nodeReuse")).toBe(true);
        expect(at(template, "spec", "template", "spec", "automatedCleaningMode")).toBe(
          template.metadata.name.startsWith("control-plane-") ? "metadata" : "disabled",
        );
      }
    });

    test("takes addresses and names from what the inventory has", () => {
      const data = only(manifests, "Metal3DataTemplate");
      const pool = only(inventory, "IPPool").metadata.name;
      const pools = textsIn(data).filter(({ key }) => /FromIPPool$|^fromIPPool$/u.test(key));
      expect(pools.map(({ text }) => text)).toEqual([pool, pool, pool]);
      const annotation = textsIn(data).find(({ key }) => key === "annotation")?.text ?? "";
      for (const host of ofKind(inventory, "BareMetalHost")) {
        expect(host.metadata.annotations?.[annotation]).toBe(at(host, "spec", "bootMACAddress"));
      }
      for (const template of ofKind(manifests, "Metal3MachineTemplate")) {
        expect(at(template, "spec", "template", "spec", "dataTemplate", "name")).toBe(
          data.metadata.name,
        );
      }
    });

    test("sets every variable of its class, and every patch uses one that is there", () => {
      const clusterClass = only(manifests, "ClusterClass");
      const names = listAt(clusterClass, "spec", "variables").map((item) =>
        String(at(item, "name")),
      );
      const topology = at(only(manifests, "Cluster"), "spec", "topology");
      expect(
        listAt(topology, "variables")
          .map((item) => String(at(item, "name")))
          .toSorted(),
      ).toEqual(names.toSorted());
      const used = textsIn(at(clusterClass, "spec", "patches")).filter(
        ({ key }) => key === "variable",
      );
      expect([...new Set(used.map(({ text }) => text))].toSorted()).toEqual(names.toSorted());
    });

    test("has the Secret that its control plane reads, by reference", () => {
      const wanted = textsIn(
        listAt(
          only(manifests, "KubeadmControlPlaneTemplate"),
          "spec",
          "template",
          "spec",
          "kubeadmConfigSpec",
          "files",
        ).map((file) => at(file, "contentFrom", "secret")),
      );
      const secret = only(manifests, "ExternalSecret");
      expect(at(secret, "spec", "target", "creationPolicy")).toBe("Orphan");
      expect(wanted).toContainEqual({ key: "name", text: secret.metadata.name });
      expect(wanted).toContainEqual({
        key: "key",
        text: at(secret, "spec", "data", 0, "secretKey"),
      });
    });
  },
);
