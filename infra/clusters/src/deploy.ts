import {
  clusterManifests,
  clusterProblems,
  type Manifest,
  registeredClusterManifests,
} from "@ertis/charts";
import type { SitePlan } from "@ertis/provisioning-model";
import {
  type HallTarget,
  manifestKey,
  type ManifestOptions,
  ManifestSet,
  type StackContext,
  StackError,
  type StackOutputs,
  stackReference,
} from "@ertis/pulumi-kit";
import * as pulumi from "@pulumi/pulumi";

/** The cluster of a hall; of a registered site, what makes its cluster known. */
export async function deploy(context: StackContext): Promise<StackOutputs<"clusters">> {
  const { target } = context;
  switch (target.kind) {
    case "hall":
      refuseProblems(target);
      await stackReference("inventory", context.stack);
      return deployCluster(context, target);
    case "registered":
      await stackReference("management", "main");
      return registerCluster(context, target.plan);
    case "main":
      throw new StackError(`clusters/${context.stack} is neither a hall nor a registered site`);
  }
}

function deployCluster(context: StackContext, target: HallTarget): StackOutputs<"clusters"> {
  const { plan, cluster } = target;
  const { infrastructure, isProtected } = context;
  const manifests = clusterManifests(plan, cluster, { infrastructure });
  const set = new ManifestSet(
    "cluster",
    { manifests, options: (manifest) => clusterOptions(manifest, manifests, isProtected) },
    { provider: context.management },
  );
  const { id } = set.get(`Cluster/${cluster.name}/${cluster.name}`);
  // Cluster API's contract: the kubeconfig is in the Secret <cluster>-kubeconfig beside the Cluster.
  return { kubeconfigSecret: pulumi.interpolate`${id}-kubeconfig` };
}

/** Said with all reasons at once and before the first resource, while the files are all there is to mend. */
function refuseProblems({ plan, cluster }: HallTarget): void {
  const problems = clusterProblems(plan, cluster);
  if (problems.length > 0) {
    throw new StackError(
      `${cluster.name} cannot be a cluster as it is described; nothing was changed:\n  ${problems.join("\n  ")}`,
    );
  }
}

/** Machines boot, install and join one after the other; ten minutes are for things that are quick. */
const slow = { create: "2h", update: "2h", delete: "2h" } as const;

/**
 * A Cluster needs its class, templates and Secrets until its last machine is gone, so it depends on all
 * of them and goes first. Templates are not protected: their names are hashes of their content, and a
 * change makes a new one, points the class to it, and deletes the old one at the end.
 */
function clusterOptions(
  manifest: Manifest,
  manifests: readonly Manifest[],
  isProtected: boolean,
): ManifestOptions {
  switch (manifest.kind) {
    case "Cluster":
      return {
        protect: isProtected,
        customTimeouts: slow,
        dependsOn: manifests.filter((other) => other !== manifest).map(manifestKey),
      };
    case "ClusterClass":
      return { protect: isProtected };
    default:
      return {};
  }
}

function registerCluster(context: StackContext, plan: SitePlan): StackOutputs<"clusters"> {
  const set = new ManifestSet(
    "registered",
    {
      manifests: registeredClusterManifests(plan),
      options: ({ kind }) => ({ protect: context.isProtected && kind === "Namespace" }),
    },
    { provider: context.management },
  );
  const { id: siteId } = plan.site;
  return { kubeconfigSecret: set.get(`ExternalSecret/${siteId}/${siteId}-kubeconfig`).id };
}
