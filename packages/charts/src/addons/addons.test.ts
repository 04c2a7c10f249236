import { describe, expect, test } from "vitest";
import { hallNamed, plans, textsIn } from "../test-plans.ts";
import { versions } from "../versions.ts";
import { addonValues, type AddonDescription, type AddonPlace, withPaths } from "./addon.ts";
import { addonNamespaces, addons, addonsOf } from "./addons.ts";

const hall = hallNamed("pavlodar-hub-s1-h1");
const place: AddonPlace = { registry: hall.plan.registry, hall, plans };

function valuesOf(name: string): unknown {
  const addon = addons.find((one) => one.name === name);
  if (addon === undefined) {
    throw new Error(`no add-on ${name}`);
  }
  return addonValues(addon, place);
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

  test("bring node feature discovery once", () => {
    expect(valuesOf("gpu-operator")).toMatchObject({ nfd: { enabled: true } });
    expect(valuesOf("network-operator")).toMatchObject({ nfd: { enabled: false } });
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
