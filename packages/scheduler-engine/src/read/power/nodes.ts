import { toNumber } from "@ertis/quantities";
import { feltDomains } from "../../power/felt-domains.ts";
import { bindingDomain, noMoreGpus } from "../../power/ledger.ts";
import { isBelowAny } from "../../power/shedding/effects.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import {
  type Drain,
  nodeAsleep,
  nodeCordoned,
  nodeDraining,
  nodeLost,
  type NodeNote,
  nodeOff,
  type SiteState,
} from "../../state/site-state.ts";
import type { AttemptKey } from "../../words/attempt.ts";
import type { Rejection } from "../../words/rejection.ts";

/** `lost`: does not answer and may still draw its bound; `off`: confirmed to draw nothing. */
export type NodeState = "ready" | "lost" | "off";

/** A node matches when it matches every field that is present. */
export interface NodeFilter {
  readonly site?: string;
  /** In or below this domain. */
  readonly domain?: string;
  readonly states?: readonly NodeState[];
  /** Draining counts as cordoned. */
  readonly isCordoned?: boolean;
  readonly gpuModel?: string;
  /** Paths. */
  readonly nodes?: readonly string[];
  /** True: an attempt holds a GPU of it. */
  readonly isBusy?: boolean;
}

export interface NodeView {
  /** Path. */
  readonly id: string;
  readonly site: string;
  /** Position in the site, as commands name it. */
  readonly index: number;
  /** Path of the rack that feeds it. */
  readonly domain: string;
  readonly nodeClass: string;
  readonly gpuModel: string;
  readonly gpuCount: number;
  readonly gpuHeldCount: number;
  readonly state: NodeState;
  /** It is off to save power, or on its way there, and comes back by itself. */
  readonly isAsleep: boolean;
  /** It was woken and did not come up in its time: it is tried again from time to time. */
  readonly isUnwoken: boolean;
  /** Path of the smallest domain without room for its idle watts, while it is off and no curtailment is why. */
  readonly noRoomIn: string | undefined;
  /** Takes no new attempts; draining ones included. */
  readonly isCordoned: boolean;
  readonly note: NodeNote | undefined;
  readonly drain: Drain | undefined;
  /** The most it may draw now; outlives an attempt until its stop is confirmed. */
  readonly boundWatts: number;
  readonly idleWatts: number;
  readonly peakWatts: number;
  /** Attempts that hold GPUs on it. */
  readonly attempts: readonly AttemptKey[];
}

export interface NodePage {
  readonly size: number;
  /** Path of the last node listed before. */
  readonly after?: string;
}

export interface NodeList {
  readonly kind: "nodes";
  /** By site, then in the order of the site file. */
  readonly nodes: readonly NodeView[];
  /** Path to go on after; absent: nothing more. */
  readonly next: string | undefined;
}

/** A node by its path, whatever its site. */
export function findNode(
  state: EngineState,
  id: string,
): { readonly site: SiteState; readonly index: number } | undefined {
  for (const site of state.sites.values()) {
    const index = site.nodeIndexById.get(id);
    if (index !== undefined) {
      return { site, index };
    }
  }
  return undefined;
}

export function getNode(state: EngineState, id: string): NodeView | undefined {
  const found = findNode(state, id);
  return found === undefined ? undefined : nodeView(state, found.site, found.index);
}

/** Refused only when the node to go on after is gone: an edited site no longer has it. */
export function listNodes(
  state: EngineState,
  filter: NodeFilter,
  page: NodePage,
): NodeList | Rejection {
  const start = page.after === undefined ? undefined : findNode(state, page.after);
  if (page.after !== undefined && start === undefined) {
    return { kind: "rejected", code: "unknown-node", message: `node "${page.after}" is not known` };
  }
  const nodes: NodeView[] = [];
  let isStarted = start === undefined;
  for (const site of state.sites.values()) {
    const isStartSite = site === start?.site;
    if (!isStarted && !isStartSite) {
      continue;
    }
    isStarted = true;
    const isMatch = matcher(site, filter);
    if (isMatch === undefined) {
      continue;
    }
    for (let node = isStartSite ? start.index + 1 : 0; node < site.nodeFlags.length; node += 1) {
      if (!isMatch(node)) {
        continue;
      }
      if (nodes.length >= page.size) {
        return { kind: "nodes", nodes, next: nodes.at(-1)?.id };
      }
      nodes.push(nodeView(state, site, node));
    }
  }
  return { kind: "nodes", nodes, next: undefined };
}

/** The filter made ready for one site; undefined when no node of it can match. */
function matcher(site: SiteState, filter: NodeFilter): ((node: number) => boolean) | undefined {
  if (filter.site !== undefined && filter.site !== site.site.id) {
    return undefined;
  }
  const isBelow = filter.domain === undefined ? undefined : domainsBelow(site, filter.domain);
  if (filter.domain !== undefined && isBelow === undefined) {
    return undefined;
  }
  const named =
    filter.nodes === undefined
      ? undefined
      : new Set(filter.nodes.map((id) => site.nodeIndexById.get(id)));
  return (node) =>
    (named === undefined || named.has(node)) &&
    (isBelow === undefined || isBelow[site.nodeDomain[node] ?? 0] === 1) &&
    (filter.gpuModel === undefined || site.nodePool[node]?.gpuModel === filter.gpuModel) &&
    (filter.isBusy === undefined || (site.gpusHeld[node] ?? 0) > 0 === filter.isBusy) &&
    (filter.isCordoned === undefined || isCordoned(site, node) === filter.isCordoned) &&
    (filter.states === undefined || filter.states.includes(nodeState(site, node)));
}

function domainsBelow(site: SiteState, id: string): Uint8Array | undefined {
  const root = site.domainIndexById.get(id);
  if (root === undefined) {
    return undefined;
  }
  const isBelow = new Uint8Array(site.parent.length);
  isBelow[root] = 1;
  for (let domain = root + 1; domain < isBelow.length; domain += 1) {
    isBelow[domain] = isBelow[site.parent[domain] ?? -1] ?? 0;
  }
  return isBelow;
}

function nodeState(site: SiteState, node: number): NodeState {
  const flags = site.nodeFlags[node] ?? 0;
  if ((flags & nodeOff) !== 0) {
    return "off";
  }
  return (flags & nodeLost) !== 0 ? "lost" : "ready";
}

function isCordoned(site: SiteState, node: number): boolean {
  return ((site.nodeFlags[node] ?? 0) & (nodeCordoned | nodeDraining)) !== 0;
}

/** As of now: at later moments there may be more or less. */
function noRoomIn({ nowMs }: EngineState, site: SiteState, node: number): string | undefined {
  if (nodeState(site, node) !== "off" || isBelowAny(site, [node], feltDomains(site, nowMs))) {
    return undefined;
  }
  const domain = bindingDomain(site, site.horizons.slice(0, 1), node, noMoreGpus);
  return site.site.domains[domain]?.id;
}

function nodeView(state: EngineState, site: SiteState, index: number): NodeView {
  const node = known(site.site.nodes[index], "node");
  const nodeClass = known(site.site.nodeClasses[node.classIndex], "node class");
  return {
    id: node.id,
    site: site.site.id,
    index,
    domain: known(site.site.domains[node.domainIndex], "domain of a node").id,
    nodeClass: nodeClass.name,
    gpuModel: nodeClass.gpuModel,
    gpuCount: nodeClass.gpuCount,
    gpuHeldCount: site.gpusHeld[index] ?? 0,
    state: nodeState(site, index),
    isAsleep: ((site.nodeFlags[index] ?? 0) & nodeAsleep) !== 0,
    isUnwoken: site.unwoken.has(index),
    noRoomIn: noRoomIn(state, site, index),
    isCordoned: isCordoned(site, index),
    note: site.notes.get(index),
    drain: site.drains.get(index),
    boundWatts: site.horizons[0]?.nodeWatts[index] ?? 0,
    idleWatts: toNumber(nodeClass.idleWatts),
    peakWatts: toNumber(nodeClass.peakWatts),
    attempts: (site.attemptsOnNode[index] ?? []).map(({ job, task, attempt }) => ({
      job,
      task,
      attempt,
    })),
  };
}
