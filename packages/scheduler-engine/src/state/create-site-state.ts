import type { Site } from "@ertis/site-model";
import { boundWattsByGpusHeld } from "./bounds.ts";
import { capsOfClass } from "./caps.ts";
import type { RegisterSite } from "../words/command.ts";
import { known } from "./assert.ts";
import { fillPools } from "./site-pools.ts";
import { noAttemptsOnNode, type Pool, type SiteState } from "./site-state.ts";
import { treeColumns } from "./tree-columns.ts";

/** A site as it is when nothing runs on it. */
export function createSiteState(
  site: Site,
  registration: Omit<RegisterSite, "kind" | "at">,
): SiteState {
  const tree = treeColumns(site);
  const nodeCount = site.nodes.length;
  const boundsByClass = site.nodeClasses.map(boundWattsByGpusHeld);
  const capsByClass = site.nodeClasses.map(capsOfClass);
  const pools: Pool[] = [];
  const state: SiteState = {
    site,
    registration,
    ...tree,
    nodeIndexById: new Map(site.nodes.map((node) => [node.id, node.index])),
    ...nodeColumns(site),
    nodePool: [],
    nodeBounds: site.nodes.map((node) => known(boundsByClass[node.classIndex], "node class")),
    nodeCaps: site.nodes.map((node) => known(capsByClass[node.classIndex], "node class")),
    nodeFlags: new Uint8Array(nodeCount),
    gpuMaskHeld: new Uint16Array(nodeCount),
    gpusHeld: new Uint8Array(nodeCount),
    cutHeld: new Float64Array(nodeCount),
    attemptsOnNode: Array.from({ length: nodeCount }, () => noAttemptsOnNode),
    attempts: new Set(),
    reservationOfNode: Array.from({ length: nodeCount }, () => undefined),
    returnNodes: new Map(),
    countedFree: new Int8Array(nodeCount).fill(-1),
    countedAsKept: new Uint8Array(nodeCount),
    awaySinceMs: undefined,
    drains: new Map(),
    notes: new Map(),
    pools,
    budgets: [],
    fileBudgets: [],
    fileBudgetsUntilMs: -Infinity,
    curtailments: [],
    lostSupplies: new Map(),
    sleepAskedAtMs: new Map(),
    wakeAskedAtMs: new Map(),
    unwoken: new Set(),
    turnedAtMs: new Map(),
    leftAtMs: new Float64Array(site.domains.length).fill(-Infinity),
    startRooms: new Map(),
    silentNodes: new Set(),
    cappedCount: 0,
    capTakerCount: 0,
    lowAttempts: new Set(),
    isInCurtailment: false,
    measuredAtMs: new Map(),
    hardCeiling: new Float64Array(0),
    forcedCeiling: new Float64Array(0),
    shedInVainAt: -1,
    raisedInVainAt: -1,
    recheckAtMs: undefined,
    wakesAgainAtMs: Infinity,
    squeezed: undefined,
    squeezeTries: undefined,
    gangsSeen: undefined,
    nodesLookedAhead: 0,
    horizons: [],
  };
  fillPools(state, pools);
  return state;
}

/** What the site file says of each node, by its position. */
function nodeColumns({
  nodes,
  nodeClasses,
}: Site): Pick<SiteState, "nodeDomain" | "nodeGpuCount" | "countsPeakInPart"> {
  return {
    nodeDomain: Int32Array.from(nodes, ({ domainIndex }) => domainIndex),
    nodeGpuCount: Uint8Array.from(
      nodes,
      ({ classIndex }) => nodeClasses[classIndex]?.gpuCount ?? 0,
    ),
    countsPeakInPart: Uint8Array.from(nodes, ({ classIndex }) =>
      nodeClasses[classIndex]?.partUse === "peak" ? 1 : 0,
    ),
  };
}
