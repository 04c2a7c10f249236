import type { Manifest } from "@ertis/charts";

/** `Kind/namespace/name`, or `Kind/name` without a namespace: how objects of one set name each other. */
export function manifestKey(manifest: Manifest): string {
  const { name, namespace } = manifest.metadata;
  return [manifest.kind, ...(namespace === undefined ? [] : [namespace]), name].join("/");
}

/** `Deployment.apps`, or `ConfigMap` in the core group: the kind as kubectl takes it. */
export function kindWithGroup(manifest: Manifest): string {
  const group = apiGroup(manifest.apiVersion);
  return group === "" ? manifest.kind : `${manifest.kind}.${group}`;
}

/** Empty for the core group. */
export function apiGroup(apiVersion: string): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}
