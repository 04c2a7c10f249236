import type { SourceLine } from "@ertis/site-model";
import type { Located } from "@ertis/site-model/reader";
import { counted } from "@ertis/site-model/reader";
import type { Cidr } from "./cidr.ts";
import { cutSlices, networksOf, registeredNetworks } from "./cluster-networks.ts";
import { checkHallDeclarations, declarationOf } from "./hall-declarations.ts";
import type { HallLayout } from "./hall-layout.ts";
import { sliceNumbers } from "./slice-numbers.ts";
import { expandHosts, type HostSources, rowIndexes } from "./hosts.ts";
import type { ClusterPlan, Host, HostState } from "./plan.ts";
import { checkFeeds, groupRows } from "./power-feeds.ts";
import type { Delivery } from "./read-deliveries.ts";
import type { SiteDraft } from "./site-draft.ts";

/** A cluster before it is known whether all files are sound. */
export interface ClusterDraft {
  readonly plan: ClusterPlan;
  /** Undefined at a registered site. */
  readonly bmcNetwork: Cidr | undefined;
}

/** What others say of single hosts, by cluster; filled before hosts are expanded. */
export interface HostFacts {
  readonly states: ReadonlyMap<string, HostState>;
  readonly deliveries: ReadonlyMap<string, Delivery>;
}

const noImage = { url: "", sha256: "" } as const;

/** Describes the clusters of a site. What is missing has been reported, and its cluster is left out. */
export function draftClusters(draft: SiteDraft, facts: HostFacts): readonly ClusterDraft[] {
  if (draft.layouts.length === 0) {
    const [feed] = draft.site.domains;
    draft.siteProblems.add(
      { line: feed?.source.line ?? 1, column: 1, path: "feed" },
      "the site has no hall: a cluster stands in a hall, so hosts cannot be provisioned without one",
    );
  }
  const isRegistered = draft.declaration.mode === "registered";
  if (isRegistered && draft.layouts.length > 1) {
    draft.problems.add(
      draft.declaration.at,
      `a registered site has one cluster in one hall, but ${draft.siteFile.file} has ${draft.layouts.length} halls: describe each as a site of its own`,
    );
  }
  checkHalls(draft);
  checkHallDeclarations(draft);
  const slices = sliceNumbers(draft);
  const draftOne = isRegistered ? registeredCluster : provisionedCluster;
  return draft.layouts
    .map((layout) => draftOne(draft, layout, { ...facts, slices }))
    .filter((cluster) => cluster !== undefined);
}

/** Every node stands in a hall, or it would belong to no cluster. */
function checkHalls({ site, layouts, siteProblems }: SiteDraft): void {
  const inHalls = new Set(layouts.flatMap(({ nodes }) => nodes));
  const outside = site.nodes.filter((node) => !inHalls.has(node));
  const [first] = outside;
  if (first !== undefined && layouts.length > 0) {
    siteProblems.add(
      { line: site.domains[first.domainIndex]?.source.line ?? 1, column: 1, path: first.id },
      `${counted(outside.length, "node")} stand in no hall, for example ${first.id}: a cluster is that of a hall, so put them into one`,
    );
  }
}

interface AllFacts extends HostFacts {
  readonly slices: ReadonlyMap<string, number>;
}

function provisionedCluster(
  draft: SiteDraft,
  layout: HallLayout,
  facts: AllFacts,
): ClusterDraft | undefined {
  const { declaration, problems, shortNames, site } = draft;
  checkRows(draft, layout);
  const declared = declarationOf(draft, layout);
  const { rootDevices, kubernetesVersion, hostImage } = declaration;
  if (declared === undefined || declaration.networks === undefined) {
    return undefined;
  }
  checkFeeds(problems, declared, layout);
  const clusterName = shortNames[layout.hall.index] ?? "";
  const slices = cutSlices(problems, declaration.networks, {
    clusterName,
    slice: facts.slices.get(clusterName) ?? 0,
    gpuHostCount: layout.nodes.length,
    managementHostCount: declared.controlPlaneCount + declared.storageCount,
  });
  const networks = slices === undefined ? undefined : networksOf(slices);
  const bmcNetwork = slices?.get("bmc");
  if (networks === undefined || bmcNetwork === undefined || rootDevices === undefined) {
    return undefined;
  }
  const powerFeeds = groupRows(layout, declared.rowsPerFeed);
  const own = declaration.clusters.get(clusterName);
  const declaredAt: SourceLine = problems.lineOf(declared.at);
  const { states, deliveries } = facts;
  const provisioned = { declared, declaredAt, bmcNetwork, rootDevices, deliveries };
  const sources: HostSources = {
    clusterName,
    site,
    shortNames,
    layout,
    powerFeeds,
    provisioned,
    states,
  };
  const plan = clusterPlan(draft, sources, {
    ...kubernetesOf(draft, own?.kubernetesVersion ?? kubernetesVersion),
    hostImage: own?.hostImage ?? hostImage ?? noImage,
    networks,
  });
  return { plan, bmcNetwork };
}

function registeredCluster(
  draft: SiteDraft,
  layout: HallLayout,
  { states }: AllFacts,
): ClusterDraft | undefined {
  const { declaration, problems, shortNames, site } = draft;
  checkRows(draft, layout);
  const networks =
    declaration.networks === undefined
      ? undefined
      : registeredNetworks(problems, declaration.networks);
  if (networks === undefined) {
    return undefined;
  }
  const sources: HostSources = {
    clusterName: site.id,
    site,
    shortNames,
    layout,
    powerFeeds: groupRows(layout, layout.rows.length),
    provisioned: undefined,
    states,
  };
  const plan = clusterPlan(draft, sources, {
    ...kubernetesOf(draft, declaration.kubernetesVersion),
    hostImage: noImage,
    networks,
  });
  return { plan, bmcNetwork: undefined };
}

/** Power feeds are groups of rows, so every node must stand in one. */
function checkRows({ site, siteProblems }: SiteDraft, layout: HallLayout): void {
  const rows = rowIndexes(site, layout);
  const homeless = layout.nodes.filter(({ domainIndex }) => !rows.has(domainIndex));
  const [first] = homeless;
  if (first !== undefined || layout.nodes.length === 0) {
    siteProblems.add(
      { line: layout.hall.source.line, column: 1, path: layout.hall.id },
      first === undefined
        ? `${layout.hall.id} holds no nodes: a cluster needs some`
        : `${counted(homeless.length, "node")} of ${layout.hall.id} stand in no row, for example ${first.id}: power feeds are groups of rows, so put racks into rows`,
    );
  }
}

/** The version and the line that says it: the cluster's own or its site's. */
function kubernetesOf(
  { problems, declaration }: SiteDraft,
  version: Located<string> | undefined,
): Pick<ClusterPlan, "kubernetesVersion" | "kubernetesSource"> {
  return {
    kubernetesVersion: version?.value ?? "",
    kubernetesSource: problems.lineOf(version?.at ?? declaration.at),
  };
}

type Rest = Pick<ClusterPlan, "kubernetesVersion" | "kubernetesSource" | "hostImage" | "networks">;

/** Hosts are worked out when somebody asks: a stack needs those of one hall of dozens. */
function clusterPlan(draft: SiteDraft, sources: HostSources, rest: Rest): ClusterPlan {
  const { hall, nodeClasses } = sources.layout;
  const { kubernetesVersion, kubernetesSource, hostImage, networks } = rest;
  const hosts = lazily((): readonly Host[] => expandHosts(sources));
  return {
    name: sources.clusterName,
    siteId: draft.site.id,
    hall,
    phase: hall.phase,
    isBuilt: draft.builtDomains.has(hall.index),
    kubernetesVersion,
    kubernetesSource,
    hostImage,
    networks,
    powerFeeds: sources.powerFeeds,
    get hosts(): readonly Host[] {
      return hosts();
    },
    nodeClasses,
  };
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
