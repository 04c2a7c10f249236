import { type ClusterPlan, parsePlans, type SitePlan, wattQuota } from "@ertis/provisioning-model";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { addonValues } from "../addons/addon.ts";
import { addonsOf } from "../addons/addons.ts";
import type { Manifest } from "../manifest.ts";
import {
  at,
  type Hall,
  hallNamed,
  halls,
  listAt,
  ofKind,
  only,
  plans,
  withHosts,
} from "../test-plans.ts";
import { kueueConfiguration } from "./kueue-configuration.ts";
import { queueNames, wattResources } from "./names.ts";
import { queueManifests } from "./queue-manifests.ts";

const hub = hallNamed("pavlodar-hub-s1-h1");

function render({ plan, cluster }: Hall): readonly Manifest[] {
  return queueManifests(plan, cluster);
}

function named(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = ofKind(manifests, kind).find(({ metadata }) => metadata.name === name);
  if (found === undefined) {
    throw new Error(`there is no ${kind} ${name}`);
  }
  return found;
}

/** Quota by `flavor resource`. */
function quotas(queue: Manifest): Readonly<Record<string, number>> {
  return Object.fromEntries(
    listAt(queue, "spec", "resourceGroups").flatMap((group) =>
      listAt(group, "flavors").flatMap((flavor) =>
        listAt(flavor, "resources").map((resource) => [
          `${String(at(flavor, "name"))} ${String(at(resource, "name"))}`,
          Number(at(resource, "nominalQuota")),
        ]),
      ),
    ),
  );
}

/** The hub from its files, with one text of the site file replaced. */
function editedHub(find: string, replacement: string): Hall {
  const file = "infra/sites/pavlodar-hub.yaml";
  const text = readFileSync(file, "utf8");
  expect(text).toContain(find);
  const provisioningFile = "infra/sites/provisioning/pavlodar-hub.yaml";
  const parsed = parsePlans([
    {
      siteFile: { file, text: text.replace(find, () => replacement) },
      provisioningFile: { file: provisioningFile, text: readFileSync(provisioningFile, "utf8") },
      deliveries: [],
    },
  ]);
  if (parsed.kind === "errors") {
    throw new Error(parsed.errors.map(({ message }) => message).join("\n"));
  }
  const [plan] = parsed.plans;
  const cluster = plan?.clusters.find(({ name }) => name === hub.cluster.name);
  if (plan === undefined || cluster === undefined) {
    throw new Error("the hub has lost its first hall");
  }
  return { plan, cluster };
}

function changed(before: readonly Manifest[], after: readonly Manifest[]): readonly string[] {
  const known = new Set(before.map((manifest) => JSON.stringify(manifest)));
  return after
    .filter((manifest) => !known.has(JSON.stringify(manifest)))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

describe.each(halls.map((hall): readonly [string, Hall] => [hall.cluster.name, hall]))(
  "the queues of %s",
  (_name, hall) => {
    const manifests = render(hall);
    const quota = wattQuota(hall.plan, hall.cluster);
    const research = named(manifests, "ClusterQueue", queueNames.research);

    test("bound watts of hall and site apart, with the quota of the plan", () => {
      expect(quotas(research)).toMatchObject({
        [`${queueNames.hallFlavor} ${wattResources.hall}`]: quota.hallWatts,
        [`${queueNames.siteFlavor} ${wattResources.site}`]: quota.siteWatts,
      });
      expect(listAt(research, "spec", "resourceGroups")).toHaveLength(3);
    });

    test("give out no watt twice", () => {
      const sum = ofKind(manifests, "ClusterQueue").reduce(
        (watts, queue) =>
          watts + (quotas(queue)[`${queueNames.hallFlavor} ${wattResources.hall}`] ?? 0),
        0,
      );
      expect(sum).toBe(quota.hallWatts);
      expect(
        ofKind(manifests, "Cohort").map((cohort) => at(cohort, "spec", "resourceGroups")),
      ).toEqual([undefined, undefined]);
    });

    test("turn every GPU into its watts, and keep counting it", () => {
      const { transformations } = kueueConfiguration(hall.plan, hall.cluster).resources;
      for (const { resourceName, hallWatts, siteWatts } of quota.perGpu) {
        expect(transformations).toContainEqual({
          input: resourceName,
          strategy: "Retain",
          outputs: {
            [wattResources.hall]: String(hallWatts),
            [wattResources.site]: String(siteWatts),
          },
        });
      }
      const inputs = transformations.map(({ input }) => input);
      expect(new Set(inputs).size).toBe(inputs.length);
    });

    test("refer only to flavors, a topology and a cohort that are there", () => {
      const flavors = new Set(
        ofKind(manifests, "ResourceFlavor").map(({ metadata }) => metadata.name),
      );
      for (const queue of ofKind(manifests, "ClusterQueue")) {
        const used = Object.keys(quotas(queue)).map((key) => key.split(" ")[0] ?? "");
        expect(used.filter((name) => !flavors.has(name))).toEqual([]);
        named(manifests, "Cohort", String(at(queue, "spec", "cohortName")));
      }
      for (const flavor of ofKind(manifests, "ResourceFlavor")) {
        const topology = at(flavor, "spec", "topologyName");
        expect([undefined, only(manifests, "Topology").metadata.name]).toContain(topology);
      }
    });

    test("let no queue wait for the check that has no controller yet", () => {
      expect(at(only(manifests, "AdmissionCheck"), "spec", "controllerName")).toBe(
        "ertis.kz/admission",
      );
      const texts = JSON.stringify(ofKind(manifests, "ClusterQueue"));
      expect(texts).not.toContain("admissionChecks");
    });

    test("give the controller the text that the chart gets", () => {
      const written = at(only(manifests, "ConfigMap"), "data", queueNames.configurationKey);
      const kueue = addonsOf("queues").find(({ name }) => name === "kueue");
      const values =
        kueue === undefined
          ? undefined
          : addonValues(kueue, { registry: hall.plan.registry, hall, plans });
      expect(at(values, "managerConfig", "controllerManagerConfigYaml")).toBe(written);
      expect(parse(String(written))).toMatchObject({
        apiVersion: "config.kueue.x-k8s.io/v1beta2",
        kind: "Configuration",
      });
    });
  },
);

describe("a change of the site file", () => {
  test("of a breaker changes the quota of the queue, and nothing else", () => {
    const lower = editedHub("supplies: 8 × 800 kW", "supplies: 8 × 780 kW");
    expect(changed(render(hub), render(lower))).toEqual(["ClusterQueue research"]);
    const hallWatts = (from: Hall): number | undefined =>
      quotas(named(render(from), "ClusterQueue", queueNames.research))[
        `${queueNames.hallFlavor} ${wattResources.hall}`
      ];
    // Before, the rows bind: 12 × (440 kW − 40 × (2.5 + 0.93) kW). Then seven of eight modules of the
    // hall: 5,460 kW − 310 kW − 480 × (2.5 + 0.93) kW.
    expect(hallWatts(hub)).toBe(12 * (440_000 - 40 * 3_430));
    expect(hallWatts(lower)).toBe(5_460_000 - 310_000 - 480 * 3_430);
  });

  test("of a host's peak changes what a GPU counts: in the configuration", () => {
    const hotter = editedHub("peak: 10.2 kW", "peak: 10.25 kW");
    expect(changed(render(hub), render(hotter))).toContain("ConfigMap kueue-configuration");
  });

  test("of a host's state moves its GPUs from one queue to the other and leaves watts alone", () => {
    const first = hub.cluster.hosts.find(({ role }) => role === "gpu");
    const moved = render(
      withHosts(hub, (host) => (host === first ? { ...host, state: "burn-in" } : host)),
    );
    expect(changed(render(hub), moved)).toEqual(["ClusterQueue research", "ClusterQueue burn-in"]);
    const research = quotas(named(moved, "ClusterQueue", queueNames.research));
    const burnIn = quotas(named(moved, "ClusterQueue", queueNames.burnIn));
    expect(research["h100-8 nvidia.com/h100-sxm-80gb"]).toBe(479 * 8);
    expect(burnIn["h100-8-burn-in nvidia.com/h100-sxm-80gb"]).toBe(8);
  });
});

describe("a hall of two models", () => {
  test("does not take a GPU without its model, because nobody knows its watts", () => {
    const two = twoModels(hub);
    const inputs = kueueConfiguration(two.plan, two.cluster).resources.transformations;
    expect(inputs.map(({ input }) => input)).toEqual([
      "nvidia.com/h100-sxm-80gb",
      "nvidia.com/h200-sxm-141gb",
    ]);
    const one = kueueConfiguration(hub.plan, hub.cluster).resources.transformations;
    expect(one.map(({ input, strategy }) => `${input} ${strategy}`)).toEqual([
      "nvidia.com/h100-sxm-80gb Retain",
      "nvidia.com/gpu Replace",
    ]);
  });

  test("has flavors that each list every model, with none of the other's", () => {
    const two = twoModels(hub);
    const research = named(render(two), "ClusterQueue", queueNames.research);
    expect(quotas(research)).toMatchObject({
      "h100-8 nvidia.com/h200-sxm-141gb": 0,
      "h200-8 nvidia.com/h100-sxm-80gb": 0,
    });
  });
});

describe("a registered site", () => {
  const plan = plans.find(({ mode }) => mode === "registered");

  test("gets queues with its own watts, and flavors that ask nothing of its nodes' labels", () => {
    const manifests = queueManifests(registered(plan), undefined);
    expect(ofKind(manifests, "Topology")).toEqual([]);
    for (const flavor of ofKind(manifests, "ResourceFlavor")) {
      expect(at(flavor, "spec", "nodeLabels"), flavor.metadata.name).toBeUndefined();
    }
    expect(ofKind(manifests, "ClusterQueue").map(({ metadata }) => metadata.name)).toEqual([
      "research",
    ]);
    expect(quotas(only(manifests, "ClusterQueue"))["h200-8 nvidia.com/h200-sxm-141gb"]).toBe(2_560);
  });

  test("gets the namespaces of its projects with it, because it has no platform stack", () => {
    const manifests = queueManifests(registered(plan), undefined);
    const made = ofKind(manifests, "Namespace").map(({ metadata }) => metadata.name);
    const needed = manifests.flatMap(({ metadata }) => metadata.namespace ?? []);
    expect([...new Set(needed)].filter((name) => !made.includes(name))).toEqual([]);
  });
});

function registered(plan: SitePlan | undefined): SitePlan {
  if (plan === undefined) {
    throw new Error("no site is registered");
  }
  return plan;
}

function twoModels(hall: Hall): Hall {
  const [first] = hall.cluster.nodeClasses;
  if (first === undefined) {
    throw new Error("the hall has no GPU hosts");
  }
  const second = { ...first, name: "h200-8", gpuModel: "H200-SXM-141GB" };
  const cluster: ClusterPlan = { ...hall.cluster, nodeClasses: [first, second] };
  return { ...hall, cluster };
}
