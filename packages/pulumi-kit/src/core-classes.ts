import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Manifest } from "@ertis/charts";
import { StackError } from "./stack-error.ts";

type CoreClass = new (
  name: string,
  args: object,
  options: pulumi.CustomResourceOptions,
) => pulumi.CustomResource;

/** The kinds of the core group that our manifests use. */
const coreClasses: Readonly<Record<string, CoreClass>> = {
  ConfigMap: k8s.core.v1.ConfigMap,
  LimitRange: k8s.core.v1.LimitRange,
  Namespace: k8s.core.v1.Namespace,
  PersistentVolumeClaim: k8s.core.v1.PersistentVolumeClaim,
  ResourceQuota: k8s.core.v1.ResourceQuota,
  Secret: k8s.core.v1.Secret,
  Service: k8s.core.v1.Service,
  ServiceAccount: k8s.core.v1.ServiceAccount,
};

/**
 * A custom resource's type is `kubernetes:<apiVersion>:<kind>`, which for every kind with a group is the
 * very type of its class. The core group has no group in apiVersion, so there the class is needed.
 */
export function createObject(
  name: string,
  manifest: Manifest,
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  if (manifest.apiVersion !== "v1") {
    return new k8s.apiextensions.CustomResource(name, mutableCopy(manifest), options);
  }
  const coreClass = coreClasses[manifest.kind];
  if (coreClass === undefined) {
    throw new StackError(
      `${manifest.kind} ${manifest.metadata.name}: add the kind to packages/pulumi-kit/src/core-classes.ts`,
    );
  }
  return new coreClass(name, manifest, options);
}

/** The class wants mutable maps; it changes nothing in them. */
function mutableCopy(manifest: Manifest): k8s.apiextensions.CustomResourceArgs {
  const { labels, annotations, ...names } = manifest.metadata;
  return {
    ...manifest,
    metadata: {
      ...names,
      ...(labels === undefined ? {} : { labels: { ...labels } }),
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
    },
  };
}
