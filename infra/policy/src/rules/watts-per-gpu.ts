import { anyGpuResource, wattResources } from "@ertis/charts";
import { wattQuota } from "@ertis/provisioning-model";
import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import { parse } from "yaml";
import type { Facts } from "../facts.ts";
import { findTexts, listAt, numberAt, textAt } from "../fields.ts";
import { describe, helmReleaseType, isKind } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { ResourceRule } from "../rule.ts";

/** What a GPU model counts: watts in the hall, and watts at the feed of the site. */
interface Factor {
  readonly hallWatts: number;
  readonly siteWatts: number;
}

/**
 * Kueue's controller turns GPUs into watts by its configuration, which is a text in a ConfigMap and in
 * the values of its chart. Too small a factor admits more jobs than the hall can feed.
 */
function check(resource: Resource, facts: Facts): readonly string[] {
  const { plan, cluster } = facts;
  const mayConfigure = isKind(resource, "", "ConfigMap") || resource.type === helmReleaseType;
  if (!mayConfigure || plan === undefined || cluster === undefined) {
    return [];
  }
  return findTexts(resource.inputs, new Set())
    .filter(({ text }) => text.includes("config.kueue.x-k8s.io/"))
    .flatMap(({ path, text }) =>
      judge(text, plan, cluster).map(
        (message) =>
          `${describe(resource)}, ${path}: ${message} The peaks, idles and losses it follows from stand in ${cluster.hall.source.file}.`,
      ),
    );
}

function judge(text: string, plan: SitePlan, cluster: ClusterPlan): readonly string[] {
  const configuration = parseConfiguration(text);
  if (configuration === undefined) {
    return ["Kueue's configuration is no YAML, so its controller would not start."];
  }
  const transformations = listAt(configuration, "resources", "transformations");
  const wanted = factorsOf(plan, cluster);
  const wrong = [...wanted].flatMap(([resourceName, factor]) => {
    const found = transformations.find((one) => textAt(one, "input") === resourceName);
    return compare(resourceName, found, factor);
  });
  return [...wrong, ...judgeAnyGpu(transformations, wanted)];
}

function parseConfiguration(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Of two classes with the same GPU model the thirstier one counts: a resource name has one factor. */
function factorsOf(plan: SitePlan, cluster: ClusterPlan): ReadonlyMap<string, Factor> {
  const factors = new Map<string, Factor>();
  for (const { resourceName, hallWatts, siteWatts } of wattQuota(plan, cluster).perGpu) {
    const known = factors.get(resourceName);
    factors.set(resourceName, {
      hallWatts: Math.max(hallWatts, known?.hallWatts ?? 0),
      siteWatts: Math.max(siteWatts, known?.siteWatts ?? 0),
    });
  }
  return factors;
}

function compare(input: string, found: unknown, factor: Factor): readonly string[] {
  const hallWatts = numberAt(found, "outputs", wattResources.hall);
  const siteWatts = numberAt(found, "outputs", wattResources.site);
  if (hallWatts === factor.hallWatts && siteWatts === factor.siteWatts) {
    return [];
  }
  const shown =
    found === undefined
      ? "is no input of a transformation"
      : `counts ${hallWatts ?? "no"} hall watts and ${siteWatts ?? "no"} site watts`;
  return [
    `${input} ${shown}; a GPU of this hall adds up to ${factor.hallWatts} W in the hall and ${factor.siteWatts} W at the feed.`,
  ];
}

/** `nvidia.com/gpu` says nothing about watts unless the hall has one model only. */
function judgeAnyGpu(
  transformations: readonly unknown[],
  wanted: ReadonlyMap<string, Factor>,
): readonly string[] {
  const any = transformations.find((one) => textAt(one, "input") === anyGpuResource);
  const [only] = wanted.values();
  if (any === undefined || wanted.has(anyGpuResource) || only === undefined) {
    return [];
  }
  return wanted.size === 1
    ? compare(anyGpuResource, any, only)
    : [
        `${anyGpuResource} has one factor, but the hall has ${wanted.size} GPU models (${[...wanted.keys()].join(", ")}). Take that input out.`,
      ];
}

export const wattsPerGpu: ResourceRule = {
  kind: "resource",
  name: "watts-per-gpu",
  description: "Kueue counts for each GPU the watts that its node class can add.",
  check,
};
