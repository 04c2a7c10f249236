import { inventoryManifests, type Manifest } from "@ertis/charts";
import { deliveryProblem, type ClusterPlan } from "@ertis/provisioning-model";
import {
  type ManifestOptions,
  ManifestSet,
  type StackContext,
  StackError,
  type StackOutputs,
  stackReference,
  requireHall,
} from "@ertis/pulumi-kit";

/** The hosts of a hall on the management cluster. They stand before any cluster and outlive it. */
export async function deploy(context: StackContext): Promise<StackOutputs<"inventory">> {
  const { plan, cluster } = requireHall(context);
  refusePlannedMacs(context, cluster);
  await stackReference("management", "main");
  const hosts = new ManifestSet(
    "hosts",
    {
      manifests: inventoryManifests(plan, cluster),
      options: (manifest) => optionsOf(manifest, context.isProtected),
    },
    { provider: context.management },
  );
  return { namespace: hosts.get(`Namespace/${cluster.name}`).id };
}

/**
 * Metal3 writes these once it uses a host: off when Cluster API releases it, and how it is cleaned then.
 * We say what a new host begins with and do not fight over it. Image, user data, metadata, network data
 * and consumer are Metal3's, too, but not declared, so there is nothing to ignore.
 */
const fieldsOfMetal3 = ["spec.online", "spec.automatedCleaningMode"] as const;

/**
 * A host that is deleted is deprovisioned and wiped, so in production it is let go, not deleted, and
 * its credentials with it. The namespace would take all of them along.
 */
function optionsOf(manifest: Manifest, isProtected: boolean): ManifestOptions {
  switch (manifest.kind) {
    case "BareMetalHost":
      return {
        protect: isProtected,
        retainOnDelete: isProtected,
        ignoreChanges: fieldsOfMetal3,
      };
    case "ExternalSecret":
      return { retainOnDelete: isProtected };
    case "Namespace":
      return { protect: isProtected };
    default:
      return {};
  }
}

/** A plan may be looked at, and clusters of one machine boot nothing. */
function refusePlannedMacs(context: StackContext, cluster: ClusterPlan): void {
  const problem = deliveryProblem(cluster);
  if (problem !== undefined && !context.isPreview && context.isProtected) {
    throw new StackError(problem);
  }
}
