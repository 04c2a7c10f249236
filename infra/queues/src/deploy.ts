import { addonsOf, queueManifests } from "@ertis/charts";
import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import {
  ManifestSet,
  type StackContext,
  StackError,
  type StackOutputs,
  stackReference,
} from "@ertis/pulumi-kit";
import * as pulumi from "@pulumi/pulumi";

/** The queues of a cluster, with watts as quota, and the controller that runs from the same numbers. */
export async function deploy(context: StackContext): Promise<StackOutputs<"queues">> {
  const { plan, cluster } = findHall(context);
  const facts = await stackReference("clusters", context.stack);
  // What stands already at a registered site is not ours to bring up.
  if (context.target.kind === "hall") {
    await stackReference("platform", context.stack);
  }
  const set = new ManifestSet(
    "queues",
    {
      manifests: queueManifests(plan, cluster),
      addons: addonsOf("queues"),
      place: { registry: plan.registry, hall: { plan, cluster }, plans: context.plans },
      options: ({ kind }) => ({ protect: context.isProtected && kind === "Namespace" }),
    },
    { provider: () => context.workload(facts) },
  );
  const queues = [...set.resources].filter(([key]) => key.startsWith("ClusterQueue/"));
  return { clusterQueues: pulumi.all(queues.map(([, queue]) => queue.id)) };
}

interface Hall {
  readonly plan: SitePlan;
  readonly cluster: ClusterPlan;
}

/** A registered site is one cluster, and its only hall holds it. */
function findHall({ target, project, stack }: StackContext): Hall {
  if (target.kind === "hall") {
    return target;
  }
  const cluster = target.kind === "registered" ? target.plan.clusters[0] : undefined;
  if (target.kind === "main" || cluster === undefined) {
    throw new StackError(`${project}/${stack} has no hall to make queues for`);
  }
  return { plan: target.plan, cluster };
}
