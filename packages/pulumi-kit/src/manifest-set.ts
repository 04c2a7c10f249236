import type { Manifest } from "@ertis/charts";
import { labelNames } from "@ertis/provisioning-model";
import * as pulumi from "@pulumi/pulumi";
import { createObject } from "./core-classes.ts";
import { manifestKey } from "./manifest-key.ts";
import { orderManifests } from "./manifest-order.ts";
import type { OrderedManifest } from "./manifest-order.ts";
import { StackError } from "./stack-error.ts";
import { waitAnnotations } from "./waits.ts";

/** How one object is treated. Keys (`Kind/namespace/name`) name objects of the same set. */
export interface ManifestOptions {
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly dependsOn?: readonly (string | pulumi.Resource)[];
  readonly customTimeouts?: pulumi.CustomTimeouts;
  readonly ignoreChanges?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  readonly deletedWith?: string | pulumi.Resource;
}

export interface ManifestSetArgs {
  readonly manifests: readonly Manifest[];
  readonly options?: (manifest: Manifest) => ManifestOptions;
  /** What the whole set needs: only objects that need nothing of the set itself depend on it. */
  readonly after?: readonly pulumi.Resource[];
}

/** The provider is a must: without one, objects would go to whatever cluster is current. */
export interface ManifestSetOptions {
  readonly provider: pulumi.ProviderResource;
  readonly parent?: pulumi.Resource;
  readonly aliases?: pulumi.Alias[];
}

/**
 * Plain manifests as resources of this program: each with its own options, type and line in a preview,
 * in an order that keeps what is needed alive as long as it is needed.
 */
export class ManifestSet extends pulumi.ComponentResource {
  /** By `Kind/namespace/name`. */
  readonly resources: ReadonlyMap<string, pulumi.CustomResource>;
  /** Those that nothing else in the set needs: to wait for them is to wait for all. */
  readonly ends: readonly pulumi.CustomResource[];

  constructor(name: string, args: ManifestSetArgs, options: ManifestSetOptions) {
    // All is checked before the first resource is registered.
    const optionsByKey = new Map(
      args.manifests.map((manifest) => [manifestKey(manifest), args.options?.(manifest) ?? {}]),
    );
    const ordered = orderManifests(args.manifests, (manifest) =>
      keysIn(optionsByKey.get(manifestKey(manifest)) ?? {}),
    );
    const complete = ordered.map((item) => ({ ...item, manifest: completed(item.manifest) }));
    const { provider, ...rest } = options;
    super("ertis:kit:ManifestSet", name, {}, { ...rest, providers: [provider] });

    const resources = new Map<string, pulumi.CustomResource>();
    for (const item of complete) {
      const own = optionsByKey.get(item.key) ?? {};
      const dependsOn = [
        ...item.needs.map((key) => find(resources, key)),
        ...(item.needs.length === 0 ? (args.after ?? []) : []),
        ...(own.dependsOn ?? []).filter((need) => typeof need !== "string"),
      ];
      resources.set(
        item.key,
        createObject(`${name}/${item.key}`, item.manifest, {
          ...toResourceOptions(own, resources),
          provider,
          parent: this,
          ...(dependsOn.length === 0 ? {} : { dependsOn }),
        }),
      );
    }
    this.resources = resources;
    this.ends = findEnds(complete, resources);
    this.registerOutputs({});
  }

  /** An object that must be in the set. */
  get(key: string): pulumi.CustomResource {
    return find(this.resources, key);
  }
}

function keysIn(options: ManifestOptions): readonly string[] {
  const all = [...(options.dependsOn ?? []), options.deletedWith];
  return all.filter((need) => typeof need === "string");
}

function find(
  resources: ReadonlyMap<string, pulumi.CustomResource>,
  key: string,
): pulumi.CustomResource {
  const resource = resources.get(key);
  if (resource === undefined) {
    throw new StackError(
      `There is no ${key} in this set; it has ${[...resources.keys()].join(", ")}`,
    );
  }
  return resource;
}

function findEnds(
  ordered: readonly OrderedManifest[],
  resources: ReadonlyMap<string, pulumi.CustomResource>,
): readonly pulumi.CustomResource[] {
  const needed = new Set(ordered.flatMap(({ needs }) => needs));
  return [...resources].filter(([key]) => !needed.has(key)).map(([, resource]) => resource);
}

/** With the stack's label and the annotations of its wait. */
function completed(manifest: Manifest): Manifest {
  const annotations = { ...manifest.metadata.annotations, ...waitAnnotations(manifest) };
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      labels: {
        ...manifest.metadata.labels,
        [labelNames.stack]: `${pulumi.getProject()}.${pulumi.getStack()}`,
      },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
  };
}

function toResourceOptions(
  options: ManifestOptions,
  resources: ReadonlyMap<string, pulumi.CustomResource>,
): pulumi.CustomResourceOptions {
  const { dependsOn: _, ignoreChanges, deletedWith, ...same } = options;
  return {
    ...same,
    ...(ignoreChanges === undefined ? {} : { ignoreChanges: [...ignoreChanges] }),
    ...(deletedWith === undefined
      ? {}
      : {
          deletedWith: typeof deletedWith === "string" ? find(resources, deletedWith) : deletedWith,
        }),
  };
}
