import { ApiObject, App, Chart } from "cdk8s";
import type { Manifest } from "./manifest.ts";

/**
 * Renders objects as one cdk8s chart: plain data out, keys sorted, `undefined` left out, nothing
 * written to disk. Two objects of one kind, namespace and name are a mistake of the code and throw.
 */
export function renderChart(id: string, manifests: readonly Manifest[]): readonly Manifest[] {
  const chart = new Chart(new App(), id, { disableResourceNameHashes: true });
  return manifests.map((manifest): Manifest => apiObject(chart, manifest).toJson());
}

function apiObject(chart: Chart, manifest: Manifest): ApiObject {
  const { apiVersion, kind, metadata } = manifest;
  // cdk8s wants mutable maps, and copies them.
  const { labels, annotations, ...names } = metadata;
  return new ApiObject(chart, [apiVersion, kind, names.namespace ?? "", names.name].join("|"), {
    ...manifest,
    metadata: {
      ...names,
      ...(labels === undefined ? {} : { labels: { ...labels } }),
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
    },
  });
}
