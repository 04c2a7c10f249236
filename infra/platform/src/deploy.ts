import { addonsOf, platformManifests } from "@ertis/charts";
import {
  ManifestSet,
  requireHall,
  type StackContext,
  type StackOutputs,
  stackReference,
} from "@ertis/pulumi-kit";

/** What a hall's cluster needs before work can run on it: network, GPUs, storage, rules, watching. */
export async function deploy(context: StackContext): Promise<StackOutputs<"platform">> {
  const { plan, cluster } = requireHall(context);
  const facts = await stackReference("clusters", context.stack);
  const set = new ManifestSet(
    "platform",
    {
      manifests: platformManifests(plan, cluster),
      addons: addonsOf("platform"),
      place: { registry: plan.registry, hall: { plan, cluster }, plans: context.plans },
      options: ({ kind }) => ({
        protect: context.isProtected && (kind === "Namespace" || kind.startsWith("Ceph")),
      }),
    },
    { provider: () => context.workload(facts) },
  );
  return { addons: set.releaseIds };
}
