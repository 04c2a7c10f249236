import { siteChart } from "@ertis/charts";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { PlacedAddon } from "./set-index.ts";

export interface AddonOptions {
  readonly provider: pulumi.ProviderResource;
  readonly parent?: pulumi.Resource;
  /** What must stand before: other releases, namespaces, Secrets. */
  readonly after: readonly pulumi.Resource[];
}

const timeoutSeconds = 900;

/**
 * A third-party component as one Helm release, so that hooks and late definitions work as its makers
 * meant: chart and images from the site's registry, a pinned version, placed beside the control plane,
 * back to the version before when it does not come up.
 */
export class Addon extends pulumi.ComponentResource {
  readonly release: k8s.helm.v3.Release;

  constructor(placed: PlacedAddon, { provider, parent, after }: AddonOptions) {
    const { description, place, values } = placed;
    const { name, namespace, chart, version } = description;
    super(
      "ertis:kit:Addon",
      name,
      {},
      { providers: [provider], ...(parent === undefined ? {} : { parent }) },
    );
    this.release = new k8s.helm.v3.Release(
      `${name}/release`,
      {
        name,
        namespace,
        createNamespace: false,
        chart: siteChart(place.registry, chart.name),
        version: version.version,
        values,
        atomic: true,
        cleanupOnFail: true,
        timeout: timeoutSeconds,
        maxHistory: 5,
      },
      {
        provider,
        parent: this,
        ...(after.length === 0 ? {} : { dependsOn: [...after] }),
        // Longer than Helm's own, so that Helm is the one to give up and to go back.
        customTimeouts: { create: "20m", update: "20m", delete: "20m" },
      },
    );
    this.registerOutputs({});
  }
}
