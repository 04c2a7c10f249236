import type { NodeClass, PowerDomain, Site, SourceLine } from "@ertis/site-model";

/** `provisioned`: Ertis makes the clusters. `registered`: they stand already; only queues are written. */
export type SiteMode = "provisioned" | "registered";

/** Life of a host, in order; `triage` and `repair` lead back to `burn-in`. */
export type HostState = "onboard" | "burn-in" | "production" | "triage" | "repair";

/** `control-plane` and `storage` hosts stand in the management racks and carry no GPU. */
export type HostRole = "control-plane" | "storage" | "gpu";

/** What provisioning knows of a site: the site file joined with its provisioning file. */
export interface SitePlan {
  /** Every phase, built or not. */
  readonly site: Site;
  /** Indexes into `site.domains` of what the built phases have. */
  readonly builtDomains: ReadonlySet<number>;
  readonly mode: SiteMode;
  /** The site's own registry for images and charts, for example `registry.pavlodar-hub.ertis.kz`. */
  readonly registry: string;
  /** Names that images, charts and endpoints may end in, for example `.ertis.kz`. */
  readonly allowedDomains: readonly string[];
  /** Without `v`, for example `1.35.6`. */
  readonly kubernetesVersion: string;
  /** Both empty at a registered site. */
  readonly hostImage: { readonly url: string; readonly sha256: string };
  /**
   * How far the rated watts of the hosts may exceed a usable limit because admission and caps hold
   * the rest: 1 where the file declares nothing. Indexed like `site.domains`.
   */
  readonly oversubscription: readonly { readonly ratio: number; readonly source: SourceLine }[];
  /**
   * One a hall, of every phase, in the order of the site file. A registered site has one, named as the
   * site; its hosts are the nodes of its one hall, without BMC, boot MAC and management hosts.
   */
  readonly clusters: readonly ClusterPlan[];
  /** The provisioning file, for messages. */
  readonly source: SourceLine;
}

/** One hall and the Kubernetes cluster in it. */
export interface ClusterPlan {
  /** Name of cluster, stack and management namespace: a DNS label, for example `pavlodar-hub-s1-h1`. */
  readonly name: string;
  readonly siteId: string;
  readonly hall: PowerDomain;
  readonly phase: string | undefined;
  readonly isBuilt: boolean;
  readonly kubernetesVersion: string;
  /** The line that says it: the cluster's own or its site's. */
  readonly kubernetesSource: SourceLine;
  /** The site's, unless the provisioning file gives this cluster its own. Empty at a registered site. */
  readonly hostImage: { readonly url: string; readonly sha256: string };
  readonly networks: ClusterNetworks;
  /** Groups of rows that fail together; together they are all rows of the hall. */
  readonly powerFeeds: readonly PowerFeed[];
  /** Management hosts first, then GPU hosts in the order of the site file. */
  readonly hosts: readonly Host[];
  /** The classes of its GPU hosts, most hosts first. */
  readonly nodeClasses: readonly NodeClass[];
}

export interface PowerFeed {
  /** Unique in the hall: a DNS label, for example `feed-1`. */
  readonly name: string;
  /** Indexes into `site.domains` of the rows it supplies. */
  readonly rowIndexes: readonly number[];
}

/**
 * CIDRs as text; none overlaps another of any site. At a registered site they are those of the cluster
 * that stands there; what Ertis gives out itself (BMC network, gateway, pool) is empty.
 */
export interface ClusterNetworks {
  readonly bmcCidr: string;
  readonly hostCidr: string;
  readonly hostGateway: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** A virtual address in `hostCidr` outside the pool. */
  readonly controlPlaneAddress: string;
  readonly poolStart: string;
  readonly poolEnd: string;
}

export interface Host {
  /** A DNS label, unique over all sites, for example `pavlodar-hub-s1-h1-r03-k07-n2`. */
  readonly name: string;
  readonly role: HostRole;
  /** Path in the power tree as the scheduler knows it; undefined for management hosts. */
  readonly nodeId: string | undefined;
  readonly nodeClass: NodeClass | undefined;
  /** Index into `site.domains` of the row that supplies it. */
  readonly rowIndex: number;
  /** Index into `site.domains` of its rack; the row for management hosts. */
  readonly rackIndex: number;
  readonly powerFeed: string;
  readonly state: HostState;
  /** Empty at a registered site. For example `redfish-virtualmedia+https://10.64.0.17/redfish/v1/Systems/1`. */
  readonly bmcAddress: string;
  /** Lower case with colons. Empty at a registered site. */
  readonly bootMac: string;
  /** Whether the MAC comes from a delivery list; a planned one is a locally administered stand-in. */
  readonly isDelivered: boolean;
  readonly rootDevice: { readonly minSizeGigabytes: number; readonly rotational: boolean };
  /** GPU hosts: the class's peak. Management hosts: 0, they are part of the hall's fixed load. */
  readonly ratedWatts: number;
  readonly idleWatts: number;
  readonly source: SourceLine;
}

/** Watts that jobs may add in a hall on top of idle hosts, and what a GPU counts against it. */
export interface WattQuota {
  /**
   * The most that GPUs of this hall may add, in watts at the nodes: the smallest of the hall's usable
   * limit − fixed − idle and the sum of the same over its rows and racks, none of which is taken for more
   * than its GPUs count. It keeps the hall within its limit, however jobs lie in it; a row or rack is
   * kept by what spreads jobs and by caps, as far as its oversubscription says.
   */
  readonly hallWatts: number;
  /** This hall's share of what substations and feed leave, in watts at the feed (losses included). */
  readonly siteWatts: number;
  readonly perGpu: readonly GpuFactor[];
}

export interface GpuFactor {
  readonly nodeClass: NodeClass;
  /**
   * The class bounds a part-used node by its whole peak, so counting by GPU is only true of jobs that
   * take whole nodes; admission must ask for that.
   */
  readonly isWholeNode: boolean;
  /** Extended resource, one per GPU model, for example `nvidia.com/h100-sxm-80gb`. */
  readonly resourceName: string;
  /** ceil((peak − idle) / GPUs). */
  readonly hallWatts: number;
  /** ceil of the same times the load factors up to the feed. */
  readonly siteWatts: number;
}
