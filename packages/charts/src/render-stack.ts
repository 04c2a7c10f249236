import { labelNames } from "@ertis/provisioning-model";
import type { Manifest } from "./manifest.ts";
import { renderChart } from "./render-chart.ts";

/** A Pulumi project and one of its stacks, for example `clusters` and `pavlodar-hub-s1-h1`. */
export interface StackName {
  readonly project: string;
  readonly stack: string;
}

/** Renders the objects of a stack, each labelled with it: `ertis.kz/stack: clusters.pavlodar-hub-s1-h1`. */
export function renderStack(name: StackName, manifests: readonly Manifest[]): readonly Manifest[] {
  const stackLabel = { [labelNames.stack]: `${name.project}.${name.stack}` };
  return renderChart(
    `${name.project}.${name.stack}`,
    manifests.map((manifest) => ({
      ...manifest,
      metadata: { ...manifest.metadata, labels: { ...manifest.metadata.labels, ...stackLabel } },
    })),
  );
}
