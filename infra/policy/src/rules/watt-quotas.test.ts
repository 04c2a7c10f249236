import { wattQuota } from "@ertis/provisioning-model";
import { expect, test } from "vitest";
import { unknownValue } from "../fields.ts";
import type { Resource } from "../resource.ts";
import { kubernetesObject } from "../test-resources.ts";
import { smallFacts } from "../test-sites.ts";
import { wattQuotas } from "./watt-quotas.ts";

const facts = smallFacts();

function budget() {
  const { plan, cluster } = facts;
  if (plan === undefined || cluster === undefined) {
    throw new Error("the small site has a hall");
  }
  return wattQuota(plan, cluster);
}

const { hallWatts, siteWatts } = budget();

function group(resource: string, nominalQuota: unknown) {
  const flavors = [{ name: "power", resources: [{ name: resource, nominalQuota }] }];
  return { coveredResources: [resource], flavors };
}

function queue(name: string, groups: readonly unknown[], kind = "ClusterQueue"): Resource {
  return kubernetesObject({
    apiVersion: "kueue.x-k8s.io/v1beta2",
    kind,
    metadata: { name },
    spec: { resourceGroups: groups },
  });
}

function power(name: string, hall: unknown, site: unknown): Resource {
  return queue(name, [
    group("nvidia.com/h100-sxm-80gb", "48"),
    group("ertis.kz/hall-watts", hall),
    group("ertis.kz/site-watts", site),
  ]);
}

test("the hall has something to give", () => {
  // 48 GPUs that count 963 W each.
  expect({ hallWatts, isShared: siteWatts > 0 }).toEqual({ hallWatts: 46_224, isShared: true });
});

test.each([
  ["the whole budget", [power("research", `${hallWatts}`, `${siteWatts}`)]],
  ["split over two queues", [power("a", `${hallWatts - 9}`, "0"), power("b", "9", `${siteWatts}`)]],
  ["written short", [power("a", "40k", "1k")]],
  ["not known yet", [power("a", unknownValue, unknownValue)]],
  ["no queues in this stack", []],
])("good: %s", (_, resources) => {
  expect(wattQuotas.check(resources, facts)).toEqual([]);
});

test.each<[string, readonly Resource[], string]>([
  [
    "a watt too much in the hall",
    [power("research", `${hallWatts + 1}`, "0")],
    `start ${hallWatts + 1} W of ertis.kz/hall-watts (research ${hallWatts + 1} W), the hall has ${hallWatts} W`,
  ],
  [
    "a watt too much at the feed",
    [power("research", "0", `${siteWatts + 1}`)],
    `start ${siteWatts + 1} W of ertis.kz/site-watts`,
  ],
  [
    "too much in sum",
    [power("a", `${hallWatts}`, "0"), power("b", "1", "0")],
    `(a ${hallWatts} W, b 1 W)`,
  ],
  [
    "a cohort with watts of its own",
    [power("a", `${hallWatts}`, "0"), queue("hall", [group("ertis.kz/hall-watts", 500)], "Cohort")],
    "hall 500 W",
  ],
  ["no number", [power("a", "46.2k", "0")], 'the quota "46.2k" for ertis.kz/hall-watts'],
  [
    "GPUs without watts",
    [queue("free", [group("nvidia.com/h100-sxm-80gb", "48")])],
    "does not cover ertis.kz/hall-watts and ertis.kz/site-watts",
  ],
])("bad: %s", (_, resources, says) => {
  expect(wattQuotas.check(resources, facts)).toEqual([expect.stringContaining(says)]);
});
