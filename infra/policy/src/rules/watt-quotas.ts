import { wattResources } from "@ertis/charts";
import { wattQuota } from "@ertis/provisioning-model";
import { locate } from "../facts.ts";
import type { Facts } from "../facts.ts";
import { at, fieldsAt, listAt, textAt } from "../fields.ts";
import { parseQuantity } from "../quantity.ts";
import { isKind } from "../resource.ts";
import type { Resource } from "../resource.ts";
import type { StackRule } from "../rule.ts";

const group = "kueue.x-k8s.io";

/**
 * Queues lend each other what they do not use, so the sum over all of them is what can run at once.
 * Lent and borrowed watts move inside that sum.
 */
function check(resources: readonly Resource[], facts: Facts): readonly string[] {
  const { plan, cluster } = facts;
  const holders = resources.filter(
    (one) => isKind(one, group, "ClusterQueue") || isKind(one, group, "Cohort"),
  );
  if (plan === undefined || cluster === undefined || holders.length === 0) {
    return [];
  }
  const quota = wattQuota(plan, cluster);
  const where = locate(cluster.hall.source);
  return [
    ...judge(holders, { resource: wattResources.hall, allowedWatts: quota.hallWatts, where }),
    ...judge(holders, { resource: wattResources.site, allowedWatts: quota.siteWatts, where }),
    ...findUnbounded(resources),
  ];
}

interface Budget {
  readonly resource: string;
  readonly allowedWatts: number;
  /** File and line of the hall's limit. */
  readonly where: string;
}

function judge(holders: readonly Resource[], budget: Budget): readonly string[] {
  const { resource, allowedWatts, where } = budget;
  const quotas = holders.flatMap((holder) => quotasOf(holder, resource));
  const unreadable = quotas.filter(({ watts }) => watts === undefined);
  if (unreadable.length > 0) {
    return unreadable.map(
      ({ holder, text }) =>
        `${holder}: the quota "${text}" for ${resource} is no whole number of watts; write it like "120000".`,
    );
  }
  const sumWatts = quotas.reduce((sum, { watts }) => sum + (watts ?? 0), 0);
  if (sumWatts <= allowedWatts) {
    return [];
  }
  const parts = quotas.map(({ holder, watts }) => `${holder} ${watts ?? 0} W`).join(", ");
  return [
    `Queues may start ${sumWatts} W of ${resource} (${parts}), the hall has ${allowedWatts} W for jobs. Lower a quota, or raise the limit in ${where} if the hall really has more.`,
  ];
}

interface FoundQuota {
  readonly holder: string;
  readonly text: string;
  readonly watts: number | undefined;
}

/** Unknown quotas are left out: the next preview knows them. */
function quotasOf(holder: Resource, resource: string): readonly FoundQuota[] {
  const name = textAt(holder.inputs, "metadata", "name") ?? holder.name;
  return listAt(holder.inputs, "spec", "resourceGroups")
    .flatMap((groupOfQueue) => listAt(groupOfQueue, "flavors"))
    .flatMap((flavor) => listAt(flavor, "resources"))
    .filter((one) => textAt(one, "name") === resource)
    .map((one) => at(one, "nominalQuota"))
    .filter((quota) => typeof quota === "string" || typeof quota === "number")
    .map((quota) => ({ holder: name, text: `${quota}`, watts: parseQuantity(quota) }));
}

/** A queue that gives out GPUs must count their watts, or those jobs run outside every budget. */
function findUnbounded(resources: readonly Resource[]): readonly string[] {
  return resources
    .filter((one) => isKind(one, group, "ClusterQueue"))
    .flatMap((queue) => {
      const covered = listAt(queue.inputs, "spec", "resourceGroups").flatMap((one) =>
        listAt(one, "coveredResources"),
      );
      const givesGpus = covered.some(
        (name) => typeof name === "string" && name.startsWith("nvidia.com/"),
      );
      const missing = Object.values(wattResources).filter((name) => !covered.includes(name));
      if (!givesGpus || missing.length === 0) {
        return [];
      }
      const { name } = fieldsAt(queue.inputs, "metadata");
      return [
        `ClusterQueue ${String(name)} gives out GPUs but does not cover ${missing.join(" and ")}, so its jobs are outside the power budget. Add a resource group for them.`,
      ];
    });
}

export const wattQuotas: StackRule = {
  kind: "stack",
  name: "watt-quotas",
  description:
    "What queues may start at once fits the watts that the hall and its site have for jobs.",
  check,
};
