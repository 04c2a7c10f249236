import { didYouMean, listed, topOfFile } from "@ertis/site-model/reader";
import type { ClusterDraft } from "./cluster-draft.ts";
import { gpuResourceName } from "./names.ts";
import type { SiteParts } from "./parse-plans.ts";

/** Longest name of a Kubernetes object that is also a host name or the value of a label. */
const mostCharacters = 63;
/** A MachineDeployment, its MachineSet and its Machines each add a hyphen and five random characters. */
const machineSuffixCharacters = 3 * 6;
/** What objects of a host (credentials, metadata) add to its name. */
const hostSuffixCharacters = 12;

/** Names of sites, clusters, hosts and GPU resources: unique, short enough, and known where they are used. */
export function checkNames(sites: readonly SiteParts[]): void {
  checkUnique(sites);
  for (const parts of sites) {
    checkKnown(parts);
    checkGpuModels(parts);
    for (const cluster of parts.clusters) {
      checkLength(parts, cluster);
    }
  }
}

function checkUnique(sites: readonly SiteParts[]): void {
  const siteFiles = new Map<string, string>();
  const owners = new Map<string, string>();
  for (const { draft, clusters } of sites) {
    const { file } = draft.siteFile;
    const other = siteFiles.get(draft.site.id);
    if (other !== undefined) {
      draft.siteProblems.add(
        topOfFile,
        `site "${draft.site.id}" is also described by ${other}: give one of them another id`,
      );
      continue;
    }
    siteFiles.set(draft.site.id, file);
    for (const { plan } of clusters) {
      const owner = owners.get(plan.name);
      if (owner !== undefined && owner !== draft.site.id) {
        draft.siteProblems.add(
          { line: plan.hall.source.line, column: 1, path: plan.hall.id },
          `the cluster of ${plan.hall.id} would be "${plan.name}", as one of site "${owner}": rename a site or a hall`,
        );
      }
      owners.set(plan.name, draft.site.id);
    }
  }
}

/** Clusters and hosts that the provisioning file and the delivery lists name must be there. */
function checkKnown({ draft, clusters, deliveries, plan }: SiteParts): void {
  const { problems, declaration } = draft;
  // Also clusters that could not be drafted: a wrong network does not make their hosts unknown.
  const clusterNames =
    plan.mode === "registered"
      ? [plan.site.id]
      : draft.layouts.map(({ hall }) => draft.shortNames[hall.index] ?? "");
  for (const [name, { at }] of declaration.clusters) {
    if (!clusterNames.includes(name)) {
      problems.add(
        at,
        `unknown cluster "${name}"${didYouMean(name, clusterNames)}: the site has ${listed(clusterNames)}`,
      );
    }
  }
  const hostNames = new HostNames(clusters, clusterNames);
  for (const [name, { at }] of declaration.hostStates) {
    const wrong = problems.isFull ? undefined : hostNames.whyUnknown(name);
    if (wrong !== undefined) {
      problems.add(at, wrong);
    }
  }
  for (const { problems: own, cluster, hosts } of deliveries) {
    if (plan.mode === "registered" || !clusterNames.includes(cluster.value)) {
      own.add(
        cluster.at,
        plan.mode === "registered"
          ? `site "${plan.site.id}" is registered, so Ertis provisions none of its hosts: remove this file`
          : `unknown cluster "${cluster.value}"${didYouMean(cluster.value, clusterNames)}: the site has ${listed(clusterNames)}`,
      );
      continue;
    }
    for (const { hostName, at } of hosts) {
      const wrong = own.isFull ? undefined : hostNames.whyUnknown(hostName, cluster.value);
      if (wrong !== undefined) {
        own.add(at, wrong);
      }
    }
  }
}

/** Hosts by name; those of a cluster are expanded when one of its names is asked for. */
class HostNames {
  readonly #clusters: readonly ClusterDraft[];
  readonly #clusterNames: readonly string[];
  readonly #names = new Map<string, ReadonlySet<string>>();

  constructor(clusters: readonly ClusterDraft[], clusterNames: readonly string[]) {
    this.#clusters = clusters;
    this.#clusterNames = clusterNames;
  }

  /** Undefined when there is such a host, in `clusterName` when that is given. */
  whyUnknown(hostName: string, clusterName?: string): string | undefined {
    const byName = this.#clusterNames.find((name) => hostName.startsWith(`${name}-`));
    const wantedName = clusterName ?? byName;
    const wanted = this.#clusters.find(({ plan }) => plan.name === wantedName);
    const known = wanted === undefined ? undefined : this.#namesOf(wanted);
    const isUndrafted = wanted === undefined && wantedName !== undefined;
    if (known?.has(hostName) === true || isUndrafted) {
      return undefined;
    }
    if (byName !== undefined && byName !== wantedName) {
      return `"${hostName}" is a host of ${byName}: put it into the delivery list of that cluster`;
    }
    const names =
      known ?? new Set(this.#clusters.slice(0, 1).flatMap((one) => [...this.#namesOf(one)]));
    const hint = didYouMean(hostName, names);
    const [example = ""] = names;
    return `unknown host "${hostName}"${hint}: hosts are named like ${example} and ${[...names].at(-1) ?? ""}`;
  }

  #namesOf({ plan }: ClusterDraft): ReadonlySet<string> {
    const known = this.#names.get(plan.name) ?? new Set(plan.hosts.map(({ name }) => name));
    this.#names.set(plan.name, known);
    return known;
  }
}

function checkGpuModels({ draft }: SiteParts): void {
  const modelOf = new Map<string, string>();
  for (const { gpuModel, name } of draft.site.nodeClasses) {
    const resource = gpuResourceName(gpuModel);
    const other = modelOf.get(resource);
    if (other !== undefined && other !== gpuModel) {
      draft.siteProblems.add(
        { ...topOfFile, path: `nodeClasses.${name}.gpuModel` },
        `GPU models "${other}" and "${gpuModel}" would both be the resource ${resource}: spell one of them differently`,
      );
    }
    modelOf.set(resource, gpuModel);
  }
}

function checkLength({ draft }: SiteParts, { plan }: ClusterDraft): void {
  const longest = (words: readonly string[]): string =>
    words.reduce((most, word) => (word.length > most.length ? word : most), "");
  const className = longest(["storage", ...plan.nodeClasses.map(({ name }) => name)]);
  const feedName = longest(plan.powerFeeds.map(({ name }) => name));
  const deployment = `${plan.name}-${className}-${feedName}`;
  const at = { line: plan.hall.source.line, column: 1, path: plan.hall.id };
  if (deployment.length + machineSuffixCharacters > mostCharacters) {
    draft.siteProblems.add(
      at,
      `machines of ${plan.hall.id} would be named ${deployment} and ${machineSuffixCharacters} characters more, together ${deployment.length + machineSuffixCharacters}: Kubernetes allows ${mostCharacters}, so shorten the id of the site or the node class`,
    );
  }
  const host = longestHostName(draft.shortNames, draft.site.nodes);
  if (host.length + hostSuffixCharacters > mostCharacters) {
    draft.siteProblems.add(
      at,
      `host ${host} has ${host.length} characters, and ${mostCharacters - hostSuffixCharacters} leave room for the objects that belong to it: shorten the id of the site`,
    );
  }
}

/** Two digits at most follow `-n`; a rack holds fewer than a hundred nodes. */
function longestHostName(
  shortNames: readonly string[],
  nodes: readonly { readonly domainIndex: number }[],
): string {
  let longest = "";
  for (const { domainIndex } of nodes) {
    const name = shortNames[domainIndex] ?? "";
    longest = name.length > longest.length ? name : longest;
  }
  return `${longest}-n00`;
}
