import type { CapPoint } from "@ertis/power-planning";
import type { Watts } from "@ertis/quantities";
import type { SiteFileError, SourceLine } from "./reader/index.ts";

/** From the grid down: what a level of the power tree is called. */
export type DomainKind = "feed" | "substation" | "hall" | "row" | "rack";

/**
 * How the supplies of a domain back each other up. All reduce to one static usable limit;
 * `distributed` also has a limit a supply and failure, see {@link TransferSum}.
 */
export type Redundancy = "none" | "N+1" | "2N" | "distributed";

/** What a fully expanded and proved site file is: the power tree, its nodes and their classes. */
export interface Site {
  /** For example `pavlodar-hub`; unique among the sites of a scheduler. */
  readonly id: string;
  readonly title: string;
  /** SHA-256 (hex) of the file's meaning: equal for files that expand to the same site. */
  readonly revision: string;
  /** Parents before children; `domains[0]` is the feed, the root. */
  readonly domains: readonly PowerDomain[];
  /** In order of their racks, then of their position in the rack. */
  readonly nodes: readonly SiteNode[];
  readonly nodeClasses: readonly NodeClass[];
  /** How fast GPUs are under a cap, as this file says it; what it leaves out is built in elsewhere. */
  readonly curves: readonly SiteCurve[];
  /** Ceilings known long ahead: seasons and contracts. */
  readonly budgets: readonly SiteBudget[];
  /** What distributed redundancy adds to the limits of the domains; empty without it. */
  readonly transferSums: readonly TransferSum[];
  /** The network, smallest domains first; empty: racks and rows stand for it. */
  readonly fabric: readonly FabricLevel[];
  /** The phases built so far, those the expansion includes. */
  readonly phases: readonly string[];
}

/**
 * A part of a site with its own physical limit.
 *
 * Load of a domain = loadFactor × (nodes' watts in it + its children's loads) + fixedWatts. To keep
 * sums exact, a domain's load is held in units of 1/`loadScale` watt: see {@link PowerDomain.loadScale}.
 */
export interface PowerDomain {
  /** Position in `Site.domains`. */
  readonly index: number;
  /** Path from the site down, for example `pavlodar-hub/substation-1/hall-2/row-03/rack-07`. */
  readonly id: string;
  readonly kind: DomainKind;
  /** Index of the parent; -1 for the feed. */
  readonly parentIndex: number;
  /** The phase that builds it, the latest that it or a domain above it names; undefined with none. */
  readonly phase: string | undefined;
  /** Sum of the supplies' nameplate limits, before derating and redundancy. */
  readonly limitWatts: Watts;
  /** What bounds may never exceed: derated, and what survives any single failure. */
  readonly usableWatts: Watts;
  readonly redundancy: Redundancy;
  /** Nameplate limits of the supplies (breakers, transformers, UPS modules) that feed it. */
  readonly supplyWatts: readonly Watts[];
  /** Names of the supplies, in the same order; only with distributed redundancy. */
  readonly supplyNames?: readonly string[];
  /** Which supplies of the parent feed this domain; only where the parent's are distributed. */
  readonly fedBy?: FedBy;
  /** How fast its mean draw may change in planned events, up and down; absent: as fast as it likes. */
  readonly ramp?: Ramp;
  /** Always-on load of this domain itself: pumps, lights, and the network share of its nodes. */
  readonly fixedWatts: Watts;
  /** Cooling and conversion losses as a rational number ≥ 1, for example 1250/1000, reduced. */
  readonly loadFactor: { readonly numerator: number; readonly denominator: number };
  /** Load is held in units of 1/loadScale watt, whole numbers below 2^53 (proved at parse). */
  readonly loadScale: number;
  /** A node directly in this domain that draws w watts adds w × nodeMultiplier to its scaled load. */
  readonly nodeMultiplier: number;
  /** A change x of this domain's scaled load changes the parent's by x × parentMultiplier. 0 at the feed. */
  readonly parentMultiplier: number;
  /** Where the limit is written: file and line, for messages of policy and CLI. */
  readonly source: SourceLine;
}

/** Names among the parent's `supplyNames`. */
export interface FedBy {
  /** Carries the load as long as it lives. */
  readonly primary: string;
  /** Takes the load over when the primary fails. */
  readonly reserve: string;
}

/** Means of the draw over `windowMs`, `perMs` apart, differ by at most `watts`, either way. */
export interface Ramp {
  readonly watts: Watts;
  /** A minute or a second, as the file says: a limit per second also holds within the minute. */
  readonly perMs: number;
  readonly windowMs: number;
}

/**
 * What one supply of a domain with distributed redundancy carries after one failure: the loads of
 * some of the domain's children, times the domain's load factor, plus its fixed load (which counts
 * at every supply, because nobody says where it hangs). In units of the domain's `loadScale`, like
 * its own load: a child's load counts with its `parentMultiplier`.
 */
export interface TransferSum {
  /** Position in `Site.domains` of the domain whose supplies these are. */
  readonly domainIndex: number;
  /** Name of the supply that carries. */
  readonly supply: string;
  /** Name of the supply that failed; undefined where nothing would ever move to this supply. */
  readonly failed: string | undefined;
  /** Positions of the children that hang on it then, ascending. */
  readonly children: readonly number[];
  /** Derated limit of the supply. */
  readonly usableWatts: Watts;
}

/** Switches or NVLink domains of one size: groups of nodes between which data moves fast. */
export interface FabricLevel {
  /** For example `leaf`. */
  readonly name: string;
  /** No node is in two of them; each lies whole in one domain of every level above, or in none. */
  readonly domains: readonly FabricDomain[];
}

export interface FabricDomain {
  /** Unique in the fabric, for example `leaf-03`. */
  readonly name: string;
  /** Positions in `Site.nodes`, ascending; at least one. */
  readonly nodes: readonly number[];
}

/** Throughput and draw of a GPU model under caps, for one class of work, as measured somewhere. */
export interface SiteCurve {
  readonly gpuModel: string;
  /** For example `pre-train`; what a job names as its workload class. */
  readonly workloadClass: string;
  readonly points: readonly CapPoint[];
  /** Where the figures are from, as the file says it. */
  readonly source: string;
  /** Where the points are written. */
  readonly writtenAt: SourceLine;
}

/** A ceiling on a domain that is known long ahead, once or again and again. */
export interface SiteBudget {
  /** Unique in the file. */
  readonly name: string;
  /** Id of the domain, its full path. */
  readonly domain: string;
  /** Position in `Site.domains`; -1 where the domain's phase is not built yet. */
  readonly domainIndex: number;
  readonly ceilingWatts: Watts;
  /** Milliseconds since 1970 in UTC; in force from here on. */
  readonly fromMs: number;
  /** Not in force any more from here on; undefined: without end. */
  readonly untilMs: number | undefined;
  /** Inside [from, until): when it is in force; undefined: all the time. */
  readonly recurring: Recurrence | undefined;
  readonly reason: string;
  readonly writtenAt: SourceLine;
}

/** Windows that come again, in local time at a fixed offset from UTC. All three must be true. */
export interface Recurrence {
  readonly utcOffsetMinutes: number;
  /** 1 to 12, ascending; of the day on which the window begins. */
  readonly months: readonly number[];
  /** 1 is Monday, 7 is Sunday, ascending; of the day on which the window begins. */
  readonly daysOfWeek: readonly number[];
  /** Minutes after local midnight, 0 to 1439. */
  readonly startMinute: number;
  /** Above `startMinute`; above 1440 for a window that ends on the next day. */
  readonly endMinute: number;
}

export interface SiteNode {
  /** Position in `Site.nodes`. */
  readonly index: number;
  /** Path like a domain's, for example `pavlodar-hub/substation-1/hall-2/row-03/rack-07/node-2`. */
  readonly id: string;
  /** Index of the domain that holds it (a rack). */
  readonly domainIndex: number;
  /** Index into `Site.nodeClasses`. */
  readonly classIndex: number;
}

export interface NodeClass {
  readonly name: string;
  /** For example `H100-SXM-80GB`; what a job's constraint names. */
  readonly gpuModel: string;
  /** 1 to 16. */
  readonly gpuCount: number;
  /** Powered on, no job. */
  readonly idleWatts: Watts;
  /** The most the node may draw. */
  readonly peakWatts: Watts;
  /**
   * What bounds a part-used node: `share` = idle + the allocated share of (peak − idle), where the
   * class enforces it; `peak` = the whole peak.
   */
  readonly partUse: "share" | "peak";
  /** The power caps its GPUs take; absent: they cannot be capped. */
  readonly gpuCap?: GpuCap;
}

/** Whole watts a GPU; `highestWatts` is the same as no cap. */
export interface GpuCap {
  readonly lowestWatts: Watts;
  readonly highestWatts: Watts;
}

export type ParseSiteResult =
  | { readonly kind: "site"; readonly site: Site }
  | { readonly kind: "errors"; readonly errors: readonly SiteFileError[] };
