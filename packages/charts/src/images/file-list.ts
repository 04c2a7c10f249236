import type { SitePlan } from "@ertis/provisioning-model";
import { agentFiles, ironicVersion } from "../management/ironic.ts";
import { providerReleases } from "../management/providers.ts";
import { sharedSite } from "../management/shared-site.ts";

/** Release files of a Cluster API provider, packed as one artifact; it is neither an image nor a chart. */
export interface ArtifactEntry {
  /** Addresses at which its makers publish the files. */
  readonly sources: readonly string[];
  /** Where the stacks expect it. */
  readonly target: string;
}

/** What hosts boot from a web server inside the country: built there, published by nobody. */
export interface FileEntry {
  /** Where the stacks expect it. */
  readonly target: string;
  /** Of the site that serves it. */
  readonly registry: string;
  readonly what: string;
  /** As the site's file says; the stacks check no digest of an agent. */
  readonly sha256: string | undefined;
}

/** The artifacts that the management cluster installs its providers from. Sorted by target. */
export function artifactList(plans: readonly SitePlan[]): readonly ArtifactEntry[] {
  return sortedByTarget(providerReleases(sharedSite(plans).registry));
}

/** Host images of every hall, and the system that Ironic boots hosts with. Sorted by target. */
export function fileList(plans: readonly SitePlan[]): readonly FileEntry[] {
  const shared = sharedSite(plans);
  const agents = agentFiles(shared).flatMap(({ architecture, kernel, initramfs }) =>
    [kernel, initramfs].map((target) => ({
      target,
      registry: shared.registry,
      what: `agent of Ironic ${ironicVersion} for ${architecture}`,
      sha256: undefined,
    })),
  );
  const byTarget = new Map([...hostImages(plans), ...agents].map((file) => [file.target, file]));
  return sortedByTarget([...byTarget.values()]);
}

function hostImages(plans: readonly SitePlan[]): readonly FileEntry[] {
  return plans
    .filter(({ mode }) => mode === "provisioned")
    .flatMap(({ registry, clusters }) =>
      clusters.map(({ hostImage, kubernetesVersion }) => ({
        target: hostImage.url,
        registry,
        what: `host image with Kubernetes ${kubernetesVersion}`,
        sha256: hostImage.sha256,
      })),
    );
}

function sortedByTarget<Entry extends { readonly target: string }>(
  entries: readonly Entry[],
): readonly Entry[] {
  return entries.toSorted((a, b) => (a.target < b.target ? -1 : 1));
}
