import { describe, expect, test } from "vitest";
import { addonValues } from "../addons/addon.ts";
import { addons } from "../addons/addons.ts";
import { clusterManifests } from "../clusters/cluster-manifests.ts";
import { inventoryManifests } from "../inventory/inventory-manifests.ts";
import { managementManifests } from "../management/management-manifests.ts";
import { sharedSite } from "../management/shared-site.ts";
import { platformManifests } from "../platform/platform-manifests.ts";
import { queueManifests } from "../queues/queue-manifests.ts";
import { registeredClusterManifests } from "../registered/registered-cluster-manifests.ts";
import { schedulerManifests } from "../scheduler/scheduler-manifests.ts";
import { plans, textsIn } from "../test-plans.ts";
import { artifactList } from "./file-list.ts";
import { chartList, imageList } from "./image-list.ts";

const images = imageList(plans);
const targets = new Set(images.map(({ target }) => target));

/** Every hall, built or not: more than the list itself looks at. */
const everyText = [
  managementManifests(plans),
  schedulerManifests(plans, { siteTexts: [] }),
  ...plans.flatMap((plan) =>
    plan.mode === "registered"
      ? [registeredClusterManifests(plan), queueManifests(plan, undefined)]
      : plan.clusters.flatMap((cluster) => [
          inventoryManifests(plan, cluster),
          clusterManifests(plan, cluster, { infrastructure: "metal3" }),
          platformManifests(plan, cluster),
          queueManifests(plan, cluster),
        ]),
  ),
].flatMap((manifests) => textsIn(manifests));

/** Anything with a tag that stands below a registry, found without the list's own search. */
function taggedNames(text: string): readonly string[] {
  return (text.match(/[a-z0-9.-]+\.[a-z]+\/[\w./-]+:[\w][\w.-]*/g) ?? []).filter((name) =>
    plans.some(({ registry }) => name.startsWith(`${registry}/`)),
  );
}

const artifacts = new Set(artifactList(plans).map(({ target }) => target));

describe("the list of images", () => {
  test("holds every image that any manifest of any hall names", () => {
    const named = new Set(everyText.flatMap(({ text }) => taggedNames(text)));
    const known = [...named].filter((name) => !artifacts.has(name));
    expect(known.length).toBeGreaterThan(10);
    expect(known.filter((name) => !targets.has(name))).toEqual([]);
  });

  test("holds every image that the values of an add-on put together", () => {
    for (const addon of addons) {
      for (const plan of plans) {
        const [cluster] = plan.clusters;
        const hall = cluster === undefined ? undefined : { plan, cluster };
        const isInHalls = addon.project === "platform" || addon.project === "queues";
        const registry = isInHalls ? plan.registry : sharedSite(plans).registry;
        if (isInHalls && plan.mode === "registered" && addon.project === "platform") {
          continue;
        }
        const found = imagesInValues(addonValues(addon, { registry, hall, plans }));
        expect(found.length, addon.name).toBeGreaterThan(0);
        expect(
          found.filter((image) => !isListed(image)),
          addon.name,
        ).toEqual([]);
      }
    }
  });

  test("holds nothing that nobody uses, everything once, in order", () => {
    expect(images.filter(({ usedBy }) => usedBy.length === 0)).toEqual([]);
    expect(images.map(({ target }) => target)).toEqual([...targets].toSorted());
    for (const { image, source, target } of images) {
      expect(image).toBe(target);
      expect(target.endsWith(`/${source}`), target).toBe(true);
    }
  });

  test("marks what is built here, and nothing else", () => {
    expect(images.filter(({ isOwn }) => isOwn).map(({ source }) => source)).toEqual([
      "ertis.kz/scheduler:0.1.0",
    ]);
  });
});

describe("the list of charts", () => {
  test("holds every add-on of every site that has one", () => {
    const charts = chartList(plans);
    for (const addon of addons) {
      const found = charts.filter(({ usedBy }) =>
        usedBy.includes(`${addon.project}/${addon.name}`),
      );
      const isInHalls = addon.project === "platform" || addon.project === "queues";
      expect(found.length, addon.name).toBeGreaterThanOrEqual(isInHalls ? 2 : 1);
      expect(found.every(({ version }) => version === addon.version.version)).toBe(true);
    }
    expect(charts.every(({ target }) => target.startsWith("oci://registry."))).toBe(true);
  });
});

/** As charts join them: registry and repository with a tag, or repository, image and version. */
function imagesInValues(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const parts = [fields["registry"], fields["repository"], fields["image"]].filter(
    (part): part is string => typeof part === "string",
  );
  const tag = fields["tag"] ?? fields["version"];
  const own =
    typeof fields["repository"] === "string" && typeof tag === "string"
      ? [`${parts.join("/")}:${tag}`]
      : [];
  return [...own, ...Object.values(fields).flatMap((inner) => imagesInValues(inner))];
}

/** Two charts add the last part of a name by themselves. */
function isListed(image: string): boolean {
  return [
    image,
    image.replace("/cilium/operator:", "/cilium/operator-generic:"),
    `${image}-ubuntu24.04`,
    image.replace(/\/nvidia\/cloud-native:/, "/nvidia/cloud-native/network-operator:"),
  ].some((name) => targets.has(name));
}
