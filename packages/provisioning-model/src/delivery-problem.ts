import type { ClusterPlan } from "./plan.ts";

/**
 * Why the hosts of a hall cannot be made: a planned MAC boots nothing, and the API server lets nobody
 * change it later. Undefined where all of them are delivered.
 */
export function deliveryProblem({ name, hosts }: ClusterPlan): string | undefined {
  const planned = hosts.filter(({ isDelivered }) => !isDelivered);
  const [first] = planned;
  return first === undefined
    ? undefined
    : `${planned.length} of ${hosts.length} hosts of ${name} have no boot MAC from a ` +
        `delivery list yet, ${first.name} among them (${first.source.file}:${first.source.line}). ` +
        `Write them to deliveries/${name}.yaml beside the site files, then run up again.`;
}
