import { describe, expect, test } from "vitest";
import { clusterManifests } from "./clusters/cluster-manifests.ts";
import { inventoryManifests } from "./inventory/inventory-manifests.ts";
import { managementManifests } from "./management/management-manifests.ts";
import type { Manifest } from "./manifest.ts";
import { registeredClusterManifests } from "./registered/registered-cluster-manifests.ts";
import { at, halls, plans, textsIn } from "./test-plans.ts";

const stacks: readonly (readonly [string, () => readonly Manifest[]])[] = [
  ["management", () => managementManifests(plans)],
  ...plans
    .filter(({ mode }) => mode === "registered")
    .map((plan) => [plan.site.id, () => registeredClusterManifests(plan)] as const),
  ...halls.flatMap(({ plan, cluster }) => [
    [`inventory of ${cluster.name}`, () => inventoryManifests(plan, cluster)] as const,
    ...(["metal3", "in-memory"] as const).map(
      (infrastructure) =>
        [
          `${infrastructure} cluster of ${cluster.name}`,
          () => clusterManifests(plan, cluster, { infrastructure }),
        ] as const,
    ),
  ]),
];

const clusterScoped = new Set(["Namespace", "ClusterIssuer", "ClusterSecretStore"]);
const domains = plans.flatMap(({ allowedDomains }) => allowedDomains);

function isInside(host: string): boolean {
  return (
    domains.some((domain) => host.endsWith(domain)) ||
    /\.svc(\.cluster\.local)?$/u.test(host) ||
    // Addresses of BMCs, gateways and loopback; networks are private ones.
    /^(10\.\d+\.\d+\.\d+|127\.0\.0\.1)$/u.test(host)
  );
}

describe.each(stacks)("%s", (_name, manifestsOf) => {
  const manifests = manifestsOf();

  test("is the same, byte for byte, the second time", () => {
    expect(JSON.stringify(manifestsOf())).toBe(JSON.stringify(manifests));
  });

  test("has valid names, each once, and namespaces where they belong", () => {
    const keys = manifests.map(
      ({ apiVersion, kind, metadata }) =>
        `${apiVersion} ${kind} ${metadata.namespace ?? ""}/${metadata.name}`,
    );
    expect(new Set(keys).size).toBe(keys.length);
    for (const { kind, metadata } of manifests) {
      expect(metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/u);
      expect(metadata.namespace === undefined).toBe(clusterScoped.has(kind));
    }
  });

  test("has valid label values, and the label of its stack", () => {
    for (const { metadata } of manifests) {
      for (const value of Object.values(metadata.labels ?? {})) {
        expect(value).toMatch(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/u);
      }
      expect(metadata.labels?.["ertis.kz/stack"]).toMatch(/^(management|inventory|clusters)\./u);
    }
  });

  test("names no image and no address outside the allowed domains", () => {
    for (const { key, text } of manifests.flatMap((manifest) => textsIn(manifest))) {
      for (const [, host = ""] of text.matchAll(/https?:\/\/([^/:'"\s]+)/gu)) {
        expect(isInside(host), `${text} under ${key}`).toBe(true);
      }
      if (/^(image|imageUrl|imageName|imageRepository|ironic|oci)$/u.test(key)) {
        expect(isInside(text.slice(0, text.indexOf("/"))), `${text} under ${key}`).toBe(true);
      }
    }
  });

  test("holds no value of a secret", () => {
    expect(manifests.filter(({ kind }) => kind === "Secret")).toEqual([]);
    for (const manifest of manifests.filter(({ kind }) => kind === "ExternalSecret")) {
      expect(at(manifest, "spec", "secretStoreRef", "name")).toBe("openbao");
    }
  });
});
