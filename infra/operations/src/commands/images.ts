import { artifactList, chartList, type FileEntry, fileList, imageList } from "@ertis/charts";
import { nearestNames } from "@ertis/provisioning-model";
import type { Output } from "../output/output.ts";
import { OperationProblem } from "../problem.ts";
import { readPlans } from "../stacks/read-plans.ts";

export interface ImagesOptions {
  readonly site?: string;
  readonly json?: boolean;
  /** Only the names that makers publish: what a mirror has to fetch. */
  readonly upstream?: boolean;
}

/** What has to be in registries and on the image servers of the sites before a stack can come up without the internet. */
export function showImages(options: ImagesOptions, output: Output): void {
  const plans = readPlans(undefined);
  const registry = findRegistry(options.site, plans);
  const isWanted = ({ target }: { readonly target: string }): boolean =>
    registry === undefined || target.replace(/^oci:\/\//, "").startsWith(`${registry}/`);
  const images = imageList(plans).filter(isWanted);
  const charts = chartList(plans).filter(isWanted);
  const artifacts = artifactList(plans).filter(isWanted);
  const files = fileList(plans).filter(
    (file) => registry === undefined || file.registry === registry,
  );
  if (options.json === true) {
    output.print(`${JSON.stringify({ images, charts, artifacts, files }, null, 2)}\n`);
    return;
  }
  if (options.upstream === true) {
    const sources = [
      ...[...images.filter(({ isOwn }) => !isOwn), ...charts].map(({ source }) => source),
      ...artifacts.flatMap((artifact) => artifact.sources),
    ];
    output.print([...new Set(sources)].map((source) => `${source}\n`).join(""));
    return;
  }
  // Kind, source and target a line, so that a mirror script can read it; a remark after them.
  for (const { source, target, isOwn } of images) {
    output.print(`image ${source} ${target}${isOwn ? " # built from this repository" : ""}\n`);
  }
  for (const { source, target, version, upstream } of charts) {
    const note = upstream === "manifest" ? " # a release file, to be packed as a chart" : "";
    output.print(`chart ${source} ${target}:${version}${note}\n`);
  }
  for (const { sources, target } of artifacts) {
    output.print(`artifact ${sources.join(",")} ${target} # release files, to be packed as one\n`);
  }
  for (const file of files) {
    output.print(`file - ${file.target} # ${remarkOf(file)}\n`);
  }
  output.say(
    `${images.length} images, ${charts.length} charts, ${artifacts.length} artifacts, ${files.length} files`,
  );
}

function remarkOf({ what, sha256 }: FileEntry): string {
  return `${what}, built in the country${sha256 === undefined ? "" : `, sha256 ${sha256}`}`;
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
