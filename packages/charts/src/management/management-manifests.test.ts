import { describe, expect, test } from "vitest";
import { at, listAt, ofKind, only, plans, textsIn } from "../test-plans.ts";
import { managementManifests } from "./management-manifests.ts";
import { providerReleases } from "./providers.ts";
import { sharedSite, siteHost } from "./shared-site.ts";

const manifests = managementManifests(plans);
const namespaces = new Set(ofKind(manifests, "Namespace").map(({ metadata }) => metadata.name));

/** Secrets that something of the stack makes, as `namespace/name`. */
const secrets = new Set([
  ...ofKind(manifests, "ExternalSecret").map(
    ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
  ),
  ...ofKind(manifests, "Certificate").map(
    (one) => `${one.metadata.namespace}/${String(at(one, "spec", "secretName"))}`,
  ),
]);

test("every object goes to a namespace of the stack", () => {
  for (const { kind, metadata } of manifests) {
    const isKnown = metadata.namespace === undefined || namespaces.has(metadata.namespace);
    expect(isKnown, `${kind} ${metadata.name}`).toBe(true);
  }
});

test("every certificate has an issuer, and the authority signs itself", () => {
  const issuers = ofKind(manifests, "ClusterIssuer").map(({ metadata }) => metadata.name);
  for (const one of ofKind(manifests, "Certificate")) {
    expect(issuers).toContain(at(one, "spec", "issuerRef", "name"));
  }
  const authority = ofKind(manifests, "Certificate").filter(
    (one) => at(one, "spec", "isCA") === true,
  );
  expect(authority).toHaveLength(1);
  expect(secrets).toContain(`cert-manager/${String(at(authority[0], "spec", "secretName"))}`);
});

describe("the state database", () => {
  const database = only(manifests, "Cluster");

  test("stands on three hosts and confirms nothing that only one of them has", () => {
    expect(database.apiVersion).toBe("postgresql.cnpg.io/v1");
    expect(at(database, "spec", "instances")).toBe(3);
    expect(at(database, "spec", "affinity", "podAntiAffinityType")).toBe("required");
    expect(at(database, "spec", "postgresql", "synchronous")).toMatchObject({
      number: 1,
      dataDurability: "required",
    });
  });

  test("takes secrets that are there, and is backed up inside the country", () => {
    const { namespace } = database.metadata;
    const names = [
      ...textsIn(at(database, "spec", "certificates")).map(({ text }) => text),
      String(at(database, "spec", "bootstrap", "initdb", "secret", "name")),
      ...textsIn(at(database, "spec", "backup", "barmanObjectStore", "s3Credentials"))
        .filter(({ key }) => key === "name")
        .map(({ text }) => text),
    ];
    expect(names).toHaveLength(7);
    for (const name of names) {
      expect(secrets).toContain(`${namespace}/${name}`);
    }
    const backups = only(manifests, "ScheduledBackup");
    expect(at(backups, "spec", "cluster", "name")).toBe(database.metadata.name);
    expect(at(database, "spec", "backup", "barmanObjectStore", "endpointURL")).toBe(
      "https://s3.ai-data-center.ertis.kz",
    );
  });
});

test("Ironic's secrets are there, and it fetches nothing by itself", () => {
  const ironic = only(manifests, "Ironic");
  const { namespace } = ironic.metadata;
  for (const name of [
    at(ironic, "spec", "apiCredentialsName"),
    at(ironic, "spec", "tls", "certificateName"),
    at(ironic, "spec", "tls", "bmcCA", "name"),
  ]) {
    expect(secrets).toContain(`${namespace}/${String(name)}`);
  }
  expect(at(ironic, "spec", "deployRamdisk", "disableDownloader")).toBe(true);
  expect(
    listAt(ironic, "spec", "overrides", "agentImages").map((one) => at(one, "architecture")),
  ).toEqual(["x86_64", "aarch64"]);
});

test("providers come at pinned versions from the shared site's registry", () => {
  const providers = manifests.filter(({ apiVersion }) =>
    apiVersion.startsWith("operator.cluster.x-k8s.io/"),
  );
  const { registry } = sharedSite(plans);
  expect(providers.map(({ kind }) => kind)).toEqual([
    "CoreProvider",
    "BootstrapProvider",
    "ControlPlaneProvider",
    "InfrastructureProvider",
    "IPAMProvider",
  ]);
  expect(providers.map((one) => at(one, "spec", "fetchConfig", "oci"))).toEqual(
    providerReleases(registry).map(({ target }) => target),
  );
  for (const provider of providers) {
    const version = String(at(provider, "spec", "version"));
    const image = String(at(provider, "spec", "deployment", "containers", 0, "imageUrl"));
    expect(version).toMatch(/^v\d+\.\d+\.\d+$/u);
    expect(image.startsWith(`${registry}/`) && image.endsWith(`:${version}`), image).toBe(true);
  }
});

test("namespaces of controllers and of the database are closed but for what is allowed", () => {
  const policies = ofKind(manifests, "NetworkPolicy");
  const closed = policies
    .filter(({ metadata }) => metadata.name === "default-deny")
    .map(({ metadata }) => metadata.namespace);
  expect(closed).toContain("state-database");
  expect(closed).toContain("capm3-system");
  for (const namespace of closed) {
    expect(
      policies.filter(({ metadata }) => metadata.namespace === namespace).length,
    ).toBeGreaterThan(1);
  }
});

describe("the shared site", () => {
  test("is the first that is provisioned", () => {
    expect(sharedSite(plans).mode).toBe("provisioned");
    const registered = plans.filter(({ mode }) => mode === "registered");
    expect(() => sharedSite(registered)).toThrow("no site is provisioned");
  });

  test("has its services beside its registry", () => {
    expect(siteHost(sharedSite(plans), "s3")).toBe("s3.ai-data-center.ertis.kz");
  });
});
