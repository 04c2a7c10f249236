import { addonsOf, type Manifest, managementManifests, sharedSite } from "@ertis/charts";
import {
  kindWithGroup,
  type ManifestOptions,
  ManifestSet,
  type StackContext,
  type StackOutputs,
} from "@ertis/pulumi-kit";

/**
 * What makes all other clusters: Cluster API with Metal3, the store of secrets, the registry, and the
 * database for the state of the other stacks.
 */
export function deploy(context: StackContext): StackOutputs<"management"> {
  const { plans, isProtected } = context;
  const { registry } = sharedSite(plans);
  const set = new ManifestSet(
    "management",
    {
      manifests: managementManifests(plans),
      addons: addonsOf("management"),
      place: { registry, hall: undefined, plans },
      options: (manifest) => optionsOf(manifest, isProtected),
    },
    { provider: context.management },
  );
  return { addons: set.releaseIds };
}

/** At the very first update people open OpenBao while what reads from it waits: see the README. */
const opening = { create: "1h" } as const;

function optionsOf(manifest: Manifest, isProtected: boolean): ManifestOptions {
  switch (kindWithGroup(manifest)) {
    case "Namespace":
      return { protect: isProtected };
    case "Cluster.postgresql.cnpg.io":
      return { protect: isProtected, customTimeouts: { create: "30m", update: "30m" } };
    case "ClusterSecretStore.external-secrets.io":
    case "ExternalSecret.external-secrets.io":
      return { customTimeouts: opening };
    default:
      return {};
  }
}
