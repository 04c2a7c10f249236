import { describe, expect, test } from "vitest";
import { managementManifests } from "../management/management-manifests.ts";
import { sharedSite } from "../management/shared-site.ts";
import type { Manifest } from "../manifest.ts";
import { platformManifests } from "../platform/platform-manifests.ts";
import { queueManifests } from "../queues/queue-manifests.ts";
import { at, hallNamed, ofKind, plans, textsIn } from "../test-plans.ts";
import { versions } from "../versions.ts";
import { addonValues, type AddonDescription, type AddonPlace, withPaths } from "./addon.ts";
import { addonNamespaces, addons, addonsOf } from "./addons.ts";

const hall = hallNamed("pavlodar-hub-s1-h1");
const place: AddonPlace = { registry: hall.plan.registry, hall, plans };

const managementPlace: AddonPlace = {
  registry: sharedSite(plans).registry,
  hall: undefined,
  plans,
};

/** Of the first project that has it, on the management cluster where it is one of there. */
function valuesOf(name: string): unknown {
  const addon = addons.find((one) => one.name === name);
  if (addon === undefined) {
    throw new Error(`no add-on ${name}`);
  }
  return addonValues(addon, addon.project === "management" ? managementPlace : place);
}

/** Secrets that values name, by the keys under which charts take them. */
function secretNames(values: unknown): readonly string[] {
  return textsIn(values)
    .filter(({ key }) => /secretName$|^existing.*Secret/i.test(key))
    .map(({ text }) => text);
}

/** Secrets that something makes, as `namespace/name`. */
function madeSecrets(manifests: readonly Manifest[]): readonly string[] {
  return [
    ...ofKind(manifests, "ExternalSecret").map(
      (one) => `${one.metadata.namespace}/${String(at(one, "spec", "target", "name"))}`,
    ),
    ...ofKind(manifests, "Certificate").map(
      (one) => `${one.metadata.namespace}/${String(at(one, "spec", "secretName"))}`,
    ),
  ];
}

/** Every repository of the values, with the registry beside it where the chart joins the two. */
function repositories(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const { registry, repository } = { registry: undefined, repository: undefined, ...value };
  const own = typeof repository === "string" ? [[registry ?? [], repository].flat().join("/")] : [];
  return [...own, ...Object.values(value).flatMap((inner) => repositories(inner))];
}

/** What may stand before a domain of the country in a value. */
const upstreamHost =
  /(?<![\w./-])(?:docker\.io|ghcr\.io|nvcr\.io|quay\.io|registry\.k8s\.io|gcr\.io)\b/;

describe.each(
  addons.map((addon): readonly [string, AddonDescription] => [
    `${addon.project}/${addon.name}`,
    addon,
  ]),
)("%s", (_name, addon) => {
  test("depends only on what comes before it in its own project", () => {
    const before = addonsOf(addon.project);
    const position = before.indexOf(addon);
    const earlier = before.slice(0, position).map(({ name }) => name);
    expect(addon.dependsOn.filter((name) => !earlier.includes(name))).toEqual([]);
  });

  test("takes every image from the site and keeps nothing secret in its values", () => {
    const values = addonValues(addon, place);
    expect(repositories(values).filter((one) => !one.startsWith(`${place.registry}/`))).toEqual([]);
    const texts = textsIn(values).filter(({ key }) => key !== "repository");
    expect(texts.filter(({ text }) => upstreamHost.test(text))).toEqual([]);
    const secret = texts.filter(
      ({ key, text }) =>
        /password|token|secretkey|privatekey/i.test(key) &&
        text !== "" &&
        !/^existing|key$/i.test(key),
    );
    expect(secret).toEqual([]);
  });

  test("is one of the tested versions, from a named place", () => {
    expect(Object.values(versions.addons)).toContain(addon.version);
    expect(addon.chart.upstream.url).toMatch(/^(?:oci|https):\/\//);
    expect(addon.images.length).toBeGreaterThan(0);
    expect(addon.crds.length > 0 || addon.healthCheck.name !== "").toBe(true);
  });
});

describe("add-ons", () => {
  test("use every version of the matrix", () => {
    const used = new Set(addons.map(({ version }) => version));
    expect(Object.entries(versions.addons).filter(([, one]) => !used.has(one))).toEqual([]);
  });

  test("have one name in a project, and a namespace that exists or is made", () => {
    for (const project of ["management", "platform", "queues"] as const) {
      const names = addonsOf(project).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      const made = addonNamespaces(project).map(({ metadata }) => metadata.name);
      expect(new Set(made).size).toBe(made.length);
      for (const { namespace } of addonsOf(project)) {
        expect([...made, "kube-system"]).toContain(namespace);
      }
    }
  });

  test("ask nobody abroad for news, updates or statistics", () => {
    expect(valuesOf("kube-prometheus-stack")).toMatchObject({
      grafana: {
        "grafana.ini": {
          analytics: {
            reporting_enabled: false,
            check_for_updates: false,
            check_for_plugin_updates: false,
          },
          news: { news_feed_enabled: false },
          security: { disable_gravatar: true },
        },
      },
    });
    expect(valuesOf("harbor")).toMatchObject({ trivy: { enabled: false } });
    expect(valuesOf("openbao")).toMatchObject({ injector: { enabled: false } });
  });

  test.each([
    ["management", managementPlace, managementManifests(plans), 7],
    ["platform", place, platformManifests(hall.plan, hall.cluster), 0],
    ["queues", place, queueManifests(hall.plan, hall.cluster), 0],
  ] as const)(
    "of %s name only Secrets that something of it makes",
    (project, where, objects, count) => {
      const named = addonsOf(project).flatMap((addon) =>
        secretNames(addonValues(addon, where)).map((name) => `${addon.namespace}/${name}`),
      );
      expect(new Set(named).size).toBe(count);
      const made = madeSecrets(objects);
      expect(named.filter((name) => !made.includes(name))).toEqual([]);
    },
  );

  test("keep off the Secrets that Harbor's chart makes under its own name", () => {
    const own = ["core", "jobservice", "registry", "registryctl", "registry-htpasswd", "database"];
    const named = secretNames(valuesOf("harbor"));
    expect(named.filter((name) => own.some((part) => name === `harbor-${part}`))).toEqual([]);
  });

  test("look for control planes only where Ertis made them, and bear their taint everywhere", () => {
    const addon = addons.find(({ name }) => name === "cert-manager");
    const registered = plans.find(({ mode }) => mode === "registered");
    if (addon === undefined || registered === undefined) {
      throw new Error("cert-manager and a registered site are there");
    }
    const foreign = { plan: registered, cluster: registered.clusters[0] ?? hall.cluster };
    const selectors = [place, managementPlace, { ...place, hall: foreign }].map((one) =>
      at(addonValues(addon, one), "webhook", "nodeSelector"),
    );
    expect(selectors).toEqual([
      { "node-role.kubernetes.io/control-plane": "" },
      undefined,
      undefined,
    ]);
    expect(at(valuesOf("cert-manager"), "webhook", "tolerations")).toHaveLength(1);
    expect(at(valuesOf("harbor"), "database", "internal", "tolerations")).toHaveLength(1);
  });

  test("bring node feature discovery once", () => {
    expect(valuesOf("gpu-operator")).toMatchObject({ nfd: { enabled: true } });
    expect(valuesOf("network-operator")).toMatchObject({ nfd: { enabled: false } });
  });
});

describe("OpenBao", () => {
  const server = at(valuesOf("openbao"), "server");
  const configuration = String(at(server, "ha", "raft", "config"));

  test("speaks TLS with the certificate that is mounted", () => {
    const mounted = String(at(server, "volumeMounts", 0, "mountPath"));
    expect(configuration).not.toContain("tls_disable");
    expect(configuration).toContain(`tls_cert_file = "${mounted}/tls.crt"`);
    expect(configuration).toContain(`tls_key_file = "${mounted}/tls.key"`);
    expect(at(server, "volumes", 0, "secret", "secretName")).toBe("openbao-tls");
  });

  test("joins each of its members, by names that its certificate holds", () => {
    const joined = [...configuration.matchAll(/leader_api_addr = "https:\/\/(.+):8200"/gu)];
    const names = joined.map(([, name]) => name);
    const peers = "openbao-internal.openbao.svc.cluster.local";
    expect(names).toEqual([0, 1, 2].map((index) => `openbao-${index}.${peers}`));
    expect(at(server, "ha", "replicas")).toBe(names.length);
    expect(configuration.match(/leader_ca_cert_file = "\/openbao\/tls\/ca.crt"/gu)).toHaveLength(3);
    const certificate = ofKind(managementManifests(plans), "Certificate").find(
      ({ metadata }) => metadata.name === "openbao",
    );
    expect(at(certificate, "spec", "dnsNames")).toContain(`*.${peers}`);
  });
});

describe("Harbor", () => {
  test("needs no load balancer, and proves the name that images are pulled by", () => {
    const values = valuesOf("harbor");
    expect(at(values, "expose", "type")).toBe("nodePort");
    expect(at(values, "expose", "nodePort", "ports", "https", "nodePort")).toBe(30_443);
    const { registry } = managementPlace;
    expect(at(values, "externalURL")).toBe(`https://${registry}`);
    const certificate = ofKind(managementManifests(plans), "Certificate").find(
      ({ metadata }) => metadata.name === "harbor",
    );
    expect(at(certificate, "spec", "dnsNames")).toEqual([registry]);
  });
});

describe("withPaths", () => {
  test("sets values deep inside and leaves the rest", () => {
    expect(withPaths({ a: { b: 1 } }, ["a.c.d", "e"], 2)).toEqual({
      a: { b: 1, c: { d: 2 } },
      e: 2,
    });
  });

  test("throws where a description already says something", () => {
    expect(() => withPaths({ a: { b: 1 } }, ["a.b"], 2)).toThrow(/b is set twice/);
  });
});
