import { chartList, imageList } from "@ertis/charts";
import type { Output } from "../output/output.ts";
import { OperationProblem } from "../problem.ts";
import { nearestNames } from "../stacks/nearest-names.ts";
import { readPlans } from "../stacks/read-plans.ts";

export interface ImagesOptions {
  readonly site?: string;
  readonly json?: boolean;
  /** Only the names that makers publish: what a mirror has to fetch. */
  readonly upstream?: boolean;
}

/** What has to be in the registries of the sites before a stack can come up without the internet. */
export function showImages(options: ImagesOptions, output: Output): void {
  const plans = readPlans(undefined);
  const registry = findRegistry(options.site, plans);
  const isWanted = ({ target }: { readonly target: string }): boolean =>
    registry === undefined || target.replace(/^oci:\/\//, "").startsWith(`${registry}/`);
  const images = imageList(plans).filter(isWanted);
  const charts = chartList(plans).filter(isWanted);
  if (options.json === true) {
    output.print(`${JSON.stringify({ images, charts }, null, 2)}\n`);
    return;
  }
  if (options.upstream === true) {
    const sources = [...images.filter(({ isOwn }) => !isOwn), ...charts].map(
      ({ source }) => source,
    );
    output.print([...new Set(sources)].map((source) => `${source}\n`).join(""));
    return;
  }
  // Two words a line, so that a mirror script can read it.
  for (const { source, target, isOwn } of images) {
    output.print(`image ${source} ${target}${isOwn ? " # built from this repository" : ""}\n`);
  }
  for (const { source, target, version, upstream } of charts) {
    const note = upstream === "manifest" ? " # a release file, to be packed as a chart" : "";
    output.print(`chart ${source} ${target}:${version}${note}\n`);
  }
  output.say(`${images.length} images, ${charts.length} charts`);
}

function findRegistry(
  site: string | undefined,
  plans: ReturnType<typeof readPlans>,
): string | undefined {
  if (site === undefined) {
    return undefined;
  }
  const found = plans.find((plan) => plan.site.id === site);
  if (found === undefined) {
    const ids = plans.map((plan) => plan.site.id);
    throw new OperationProblem(
      "usage",
      `there is no site "${site}"`,
      `the nearest names are ${nearestNames(site, ids, 3).join(", ")}`,
    );
  }
  return found.registry;
}
