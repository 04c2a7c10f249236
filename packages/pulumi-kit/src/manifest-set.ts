import type { AddonDescription, AddonPlace, Manifest } from "@ertis/charts";
import { labelNames } from "@ertis/provisioning-model";
import * as pulumi from "@pulumi/pulumi";
import { Addon } from "./addon.ts";
import { createObject } from "./core-classes.ts";
import { manifestKey } from "./manifest-key.ts";
import { needsOfAddon, needsOfManifest } from "./set-needs.ts";
import { indexSet } from "./set-index.ts";
import type { SetIndex } from "./set-index.ts";
import { sortByNeeds } from "./set-order.ts";
import type { Ordered } from "./set-order.ts";
import { StackError } from "./stack-error.ts";
import { deletionAnnotations, waitAnnotations } from "./waits.ts";

/** How one object is treated. Keys (`Kind/namespace/name`) name objects of the same set. */
export interface ManifestOptions {
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly dependsOn?: readonly (string | pulumi.Resource)[];
  readonly customTimeouts?: pulumi.CustomTimeouts;
  readonly ignoreChanges?: readonly string[];
}

export interface ManifestSetArgs {
  readonly manifests: readonly Manifest[];
  readonly options?: (manifest: Manifest) => ManifestOptions;
  /** Components that bring kinds to the manifests and use Secrets of theirs: all in one order. */
  readonly addons?: readonly AddonDescription[];
  /** Where the add-ons go; needed with any. */
  readonly place?: AddonPlace;
}

export interface ManifestSetOptions {
  /** Asked for once the whole set is known to be right: a provider is a resource, too. */
  readonly provider: () => pulumi.ProviderResource;
}

/**
 * Plain manifests as resources of this program: each with its own options, type and line in a preview,
 * in an order that keeps what is needed alive as long as it is needed.
 */
export class ManifestSet extends pulumi.ComponentResource {
  /** By `Kind/namespace/name`. */
  readonly resources: ReadonlyMap<string, pulumi.CustomResource>;
  /** By name. */
  readonly addons: ReadonlyMap<string, Addon>;

  constructor(name: string, args: ManifestSetArgs, options: ManifestSetOptions) {
    // All is checked before the first resource is registered.
    const plan = planSet(args);
    const provider = options.provider();
    super("ertis:kit:ManifestSet", name, {}, { providers: [provider] });
    const resources = new Map<string, pulumi.CustomResource>();
    const addons = new Map<string, Addon>();
    const made = new Map<string, pulumi.CustomResource>();
    for (const { key, needs } of plan.order) {
      const after = needs.map((need) => find(made, need));
      const manifest = plan.manifests.get(key);
      const placed = plan.index.addons.get(key);
      if (manifest !== undefined) {
        const resource = createObject(`${name}/${key}`, manifest, {
          ...toResourceOptions(plan.options.get(key) ?? {}, after),
          provider,
          parent: this,
        });
        resources.set(key, resource);
        made.set(key, resource);
      } else if (placed !== undefined) {
        const addon = new Addon(placed, { provider, parent: this, after });
        addons.set(placed.description.name, addon);
        made.set(key, addon.release);
      }
    }
    this.resources = resources;
    this.addons = addons;
    this.registerOutputs({});
  }

  /** An object that must be in the set. */
  get(key: string): pulumi.CustomResource {
    return find(this.resources, key);
  }

  /** For a stack's outputs: name of each add-on to the id of its release. */
  get releaseIds(): pulumi.Output<Readonly<Record<string, string>>> {
    const ids = [...this.addons].map(([name, { release }]): [string, pulumi.Output<string>] => [
      name,
      release.id,
    ]);
    return pulumi.output(Object.fromEntries(ids));
  }
}

interface SetPlan {
  readonly index: SetIndex;
  readonly options: ReadonlyMap<string, ManifestOptions>;
  /** As they are sent: with the stack's label and the annotations of their waits. */
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly order: readonly Ordered[];
}

function planSet({ manifests, options, addons = [], place }: ManifestSetArgs): SetPlan {
  const index = indexSet(manifests, addons, place);
  const optionsByKey = new Map(
    manifests.map((manifest) => [manifestKey(manifest), options?.(manifest) ?? {}]),
  );
  const needs = new Map<string, readonly string[]>();
  for (const [key, manifest] of index.manifests) {
    const named = keysIn(optionsByKey.get(key) ?? {});
    const absent = named.find((other) => !index.manifests.has(other));
    if (absent !== undefined) {
      throw new StackError(`${key} is to come after ${absent}, which is not in its set`);
    }
    needs.set(key, [...new Set([...needsOfManifest(manifest, index), ...named])]);
  }
  for (const [key, addon] of index.addons) {
    needs.set(key, needsOfAddon(addon, index));
  }
  return {
    index,
    options: optionsByKey,
    manifests: new Map([...index.manifests].map(([key, manifest]) => [key, completed(manifest)])),
    order: sortByNeeds(needs),
  };
}

function keysIn(options: ManifestOptions): readonly string[] {
  return (options.dependsOn ?? []).filter((need) => typeof need === "string");
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

function completed(manifest: Manifest): Manifest {
  const annotations = {
    ...manifest.metadata.annotations,
    ...waitAnnotations(manifest),
    ...deletionAnnotations(manifest),
  };
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
  after: readonly pulumi.Resource[],
): pulumi.CustomResourceOptions {
  const { dependsOn = [], ignoreChanges, ...same } = options;
  const before = [...after, ...dependsOn.filter((need) => typeof need !== "string")];
  return {
    ...same,
    ...(before.length === 0 ? {} : { dependsOn: before }),
    ...(ignoreChanges === undefined ? {} : { ignoreChanges: [...ignoreChanges] }),
  };
}
