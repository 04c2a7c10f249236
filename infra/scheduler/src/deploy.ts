import { type Manifest, schedulerManifests } from "@ertis/charts";
import { loadSiteTexts } from "@ertis/provisioning-model/load";
import {
  manifestKey,
  ManifestSet,
  type StackContext,
  StackError,
  type StackOutputs,
  stackReference,
} from "@ertis/pulumi-kit";

/** Ertis itself, on the management cluster: it must outlive any hall. */
export async function deploy(context: StackContext): Promise<StackOutputs<"scheduler">> {
  const manifests = schedulerManifests(context.plans, {
    siteTexts: loadSiteTexts(context.plans),
  });
  const server = findServer(manifests);
  await stackReference("management", "main");
  const set = new ManifestSet(
    "scheduler",
    {
      manifests,
      // The volume is the scheduler's memory: accepted jobs, shares, the ledger of power.
      options: ({ kind }) => ({
        protect: context.isProtected && (kind === "Namespace" || kind === "PersistentVolumeClaim"),
      }),
    },
    { provider: context.management },
  );
  return { deployment: set.get(server).id };
}

function findServer(manifests: readonly Manifest[]): string {
  const server = manifests.find(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
  if (server === undefined) {
    throw new StackError("The scheduler's manifests hold no Deployment and no StatefulSet");
  }
  return manifestKey(server);
}
