import type { Watts } from "@ertis/quantities";
import type { SiteFileError, SourceLine } from "./reader/index.ts";

/** From the grid down: what a level of the power tree is called. */
export type DomainKind = "feed" | "substation" | "hall" | "row" | "rack";

/** How the supplies of a domain back each other up; reduces to one static usable limit. */
export type Redundancy = "none" | "N+1" | "2N";

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
}

export type ParseSiteResult =
  | { readonly kind: "site"; readonly site: Site }
  | { readonly kind: "errors"; readonly errors: readonly SiteFileError[] };
