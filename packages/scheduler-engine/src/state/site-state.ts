import type { Site } from "@ertis/site-model";
import type { GangSeen, HardwareCurves } from "@ertis/power-planning";
import type { ClassCaps } from "./caps.ts";
import type { DrainAction, PowerBudget, RegisterSite } from "../words/command.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { JobNumber } from "../words/job-spec.ts";
import type { FabricColumns } from "./fabric-columns.ts";
import type { Attempt } from "./job.ts";
import type { SqueezeTries } from "./squeeze-tries.ts";

/** Flags of a node. A node takes new attempts only when it has none of them. */
export const nodeCordoned = 1;
export const nodeDraining = 2;
/** Does not answer; may still draw power, so its bound stays. */
export const nodeLost = 4;
/** Power-off confirmed: draws nothing. */
export const nodeOff = 8;

/** Asked to switch off to save watts. */
export const nodeAsleep = 16;

/** Nodes of a class carry at most 16 GPUs (`site-model`), so free counts go from 0 to 16. */
export const freeCounts = 17;

/** Start, nodes and watts kept for the job that heads the queue of its site and GPU model. */
export interface Reservation {
  readonly job: JobNumber;
  /** Position of the job's class in `priorityClasses`. */
  readonly priority: number;
  readonly pool: Pool;
  readonly startAtMs: number;
  /** When the job would have let go of everything. */
  readonly holdsUntilMs: number;
  readonly nodes: readonly number[];
  readonly gpusPerNode: number;
  /** The cap its watts are reserved for; 0: none. */
  readonly capWatts: number;
  readonly floorCapWatts: number;
  /** Others are stopped for it. */
  readonly isByStops: boolean;
  /** True while the job itself is probed: it may use what is kept for it. */
  isLifted: boolean;
  /** Nodes of it that are off are woken at this moment at the latest (`power/promised-wakes.ts`). */
  readonly wakeByMs: number;
  /** Of its nodes, those that are off or going off for a curtailment (`power/promised-wakes.ts`). */
  nodesOffCount: number;
}

/** The nodes of one GPU model at one site, with how many GPUs are free where. */
export interface Pool {
  readonly site: SiteState;
  readonly gpuModel: string;
  readonly gpuCountMax: number;
  /**
   * [domain × freeCounts + f]: nodes below the domain that take attempts and have f GPUs free. Behind
   * the power domains come those of the fabric.
   */
  readonly free: Int32Array;
  /** The part of `free` that is kept for a reservation. */
  readonly kept: Int32Array;
  /** Most nodes of the pool under one domain, by depth of the domain. */
  nodeCountMaxByDepth: readonly number[];
  /** Do its nodes differ in how many watts GPUs cost? Then order decides how many fit. */
  readonly isMixed: boolean;
  /** Does a node with some GPUs held cost other watts for as many more than an idle one? */
  readonly countsPeakInPart: boolean;
  /** Least watts a node grows by when g more of its GPUs are held, by g. */
  growthWattsMin: readonly number[];
  /** The same of its nodes below each domain, [domain × freeCounts + g]; undefined: not mixed. */
  growthWattsMinBelow: Float64Array | undefined;
  /** Largest gangs of the empty site, by GPUs a node and their cap; filled when asked. */
  readonly gangNodesMax: Map<string, number>;
  /** The caps that every node of the pool takes; undefined: they cannot be capped alike. */
  readonly gpuCap: { readonly lowestWatts: number; readonly highestWatts: number } | undefined;
  /** Curves by workload class; made when asked for. */
  curves: HardwareCurves | undefined;
  /** One of a class at most, in the order in which they were made; each on nodes of its own. */
  reservations: readonly Reservation[];
}

/**
 * The ledger at one moment: what every domain would carry if every attempt ran to its walltime.
 * The first horizon is now (all that is in force); later ones are the starts of known budgets and
 * of reservations. Between horizons nothing grows, so checking them checks every moment.
 */
export interface Horizon {
  /** -Infinity for now. */
  readonly atMs: number;
  /** Scaled load of each domain (see `PowerDomain.loadScale`). */
  readonly load: Float64Array;
  /** Watts of each node. */
  readonly nodeWatts: Float64Array;
  /** Scaled: the smaller of the usable limit and the budgets in force then. */
  readonly ceiling: Float64Array;
  /** 1 for each domain in an announced curtailment: attempts there count at their floor caps. */
  readonly isCurtailed: Uint8Array | undefined;
}

/** Part of what feeds a domain is gone. */
export interface LostSupply {
  /** What the domain carries meanwhile. */
  readonly remainingWatts: number;
  /** Name of what is gone; empty: nobody said. */
  readonly supply: string;
}

/** Scaled watts of a domain, see `power/start-rooms.ts`. */
export interface StartRoom {
  readonly domain: number;
  /** The load when it was last looked at. */
  readonly loadScaled: number;
  readonly ceilingScaled: number;
  /** The room with which the queue was asked last. */
  readonly offeredScaled: number;
  /** What others leave for starts that are promised for now or soon. */
  readonly promised: readonly PromisedRoom[];
}

/** Scaled watts of a domain that are there for one start alone. */
export interface PromisedRoom {
  readonly job: JobNumber;
  readonly scaled: number;
  /** What it misses: no cap could give it, so that nodes are switched off for it. */
  readonly missingScaled: number;
}

export interface Drain {
  readonly deadlineMs: number;
  readonly thenDo: DrainAction;
  readonly by: string;
  readonly reason: string;
  isEnforced: boolean;
}

export interface NodeNote {
  readonly by: string;
  readonly reason: string;
}

/** What a gang holds of a node on which it goes on in a moment. */
export interface ReturningGpus {
  readonly gpusPerNode: number;
  readonly capWatts: number;
  /** No later than this it is done. */
  readonly untilMs: number;
}

/** One site in memory: facts about nodes and domains, and what follows from them. */
export interface SiteState {
  readonly site: Site;
  readonly registration: Omit<RegisterSite, "kind" | "at">;
  // The power tree, in columns.
  readonly parent: Int32Array;
  readonly depth: Uint8Array;
  readonly nodeMultiplier: Float64Array;
  readonly parentMultiplier: Float64Array;
  /** With the columns of transfer sums behind those of the domains, see `state/columns.ts`. */
  readonly usableScaled: Float64Array;
  readonly fixedScaled: Float64Array;
  /** Columns of transfer sums that a domain counts in; undefined: the site has none. */
  readonly transfersOf: readonly (readonly number[])[] | undefined;
  /** Smallest scaled load of a domain for one watt of any node below it: prunes searches. */
  readonly scaledPerWattMin: Float64Array;
  readonly children: readonly (readonly number[])[];
  readonly domainsByDepth: readonly (readonly number[])[];
  /** Nodes directly in a domain, ascending. */
  readonly nodesOf: readonly (readonly number[])[];
  /** The network; undefined: the site file does not describe it. */
  readonly fabric: FabricColumns | undefined;
  readonly domainIndexById: ReadonlyMap<string, number>;
  readonly nodeIndexById: ReadonlyMap<string, number>;
  // The nodes, in columns.
  readonly nodeDomain: Int32Array;
  readonly nodePool: Pool[];
  readonly nodeBounds: readonly Float64Array[];
  readonly nodeGpuCount: Uint8Array;
  readonly nodeCaps: readonly ClassCaps[];
  /** 1: its bound is the peak as soon as one GPU is held. */
  readonly countsPeakInPart: Uint8Array;
  readonly nodeFlags: Uint8Array;
  readonly gpuMaskHeld: Uint16Array;
  readonly gpusHeld: Uint8Array;
  /** Watts that caps in force take off the bound of the GPUs held. */
  readonly cutHeld: Float64Array;
  readonly attemptsOnNode: (readonly Attempt[])[];
  /** All that hold a node here. In no order that may decide anything. */
  readonly attempts: Set<Attempt>;
  readonly reservationOfNode: (Reservation | undefined)[];
  /** Nodes on which gangs go on in a moment with fewer or more of them: nobody else gets them meanwhile. */
  readonly returnNodes: Map<number, ReturningGpus>;
  /** Free GPUs under which the node is counted in its pool; -1: not counted. */
  readonly countedFree: Int8Array;
  readonly countedAsKept: Uint8Array;
  /** Since when its cluster does not answer; undefined: it does. */
  awaySinceMs: number | undefined;
  readonly drains: Map<number, Drain>;
  readonly notes: Map<number, NodeNote>;
  // What follows.
  readonly pools: readonly Pool[];
  readonly budgets: PowerBudget[];
  /** Windows of budgets of the site file that are in sight, see `power/site-budgets.ts`. */
  fileBudgets: readonly PowerBudget[];
  /** Up to when they were looked up. */
  fileBudgetsUntilMs: number;
  /** Announced and not over. */
  readonly curtailments: Curtailment[];
  /** When each domain that is measured was last measured. */
  readonly measuredAtMs: Map<number, number>;
  /** By domain, while part of what feeds it is gone. */
  readonly lostSupplies: Map<number, LostSupply>;
  /** When each node that is to switch off was asked, until it is off. */
  readonly sleepAskedAtMs: Map<number, number>;
  /** When each node that was woken was granted its watts, until its cluster says that it is up. */
  readonly wakeAskedAtMs: Map<number, number>;
  /** Nodes that were woken and did not come: nothing counts on them until their cluster says that they are up. */
  readonly unwoken: Set<number>;
  /** When each node went off, or came back after that: since then it draws nothing, or its idle watts again. */
  readonly turnedAtMs: Map<number, number>;
  /** When anybody last gave GPUs back below each domain. At a restart that is forgotten: as if all did then. */
  readonly leftAtMs: Float64Array;
  /** By curtailment that is steered: what starts may bring the bounds of its domain to. */
  readonly startRooms: Map<string, StartRoom>;
  /** Nodes that did not acknowledge an order in time, until they acknowledge one. */
  readonly silentNodes: Set<number>;
  /** Attempts with a cap, and those that could have one: most sites have none of either. */
  cappedCount: number;
  capTakerCount: number;
  /** Those whose caps are below their floors, whether they still run or not (`low-attempts.ts`). */
  readonly lowAttempts: Set<Attempt>;
  /** A curtailment is on, or its watts are still being given back. */
  isInCurtailment: boolean;
  /** Scaled: what bounds must not exceed now (see `hardCeilingsAt`). */
  hardCeiling: Float64Array;
  /** The same without budgets: limits and emergencies, before which floors give way. */
  forcedCeiling: Float64Array;
  /** `releaseCount` when shedding found nothing to do; -1: it did. A brake, forgotten at a restart. */
  shedInVainAt: number;
  /** `releaseCount` when no capped attempt could rise; -1: one may. A brake, forgotten at a restart. */
  raisedInVainAt: number;
  /** When nodes that are to acknowledge, or to be free, should have said so; a look is due then. */
  recheckAtMs: number | undefined;
  /** When nodes that sleep though nothing but want of watts holds them up are looked at again; Infinity: none does. */
  wakesAgainAtMs: number;
  /** For whom caps were lowered last, and when; a cache, gone after a restart. */
  squeezed:
    | {
        readonly job: JobNumber;
        readonly atMs: number;
        readonly attempts: readonly Attempt[];
      }
    | undefined;
  /** What squeezes were tried for whom; a brake, forgotten at a restart. */
  squeezeTries: SqueezeTries | undefined;
  /** What was measured of whose GPUs; forgotten at a restart, and until it is learned anew bounds count. */
  gangsSeen: ReadonlyMap<Attempt, GangSeen> | undefined;
  /** Nodes looked at for ledgers of later moments, ever: a pass counts its effort by it. */
  nodesLookedAhead: number;
  /** `horizons[0]` is now; the others in rising order. */
  readonly horizons: Horizon[];
}

export const noAttemptsOnNode: readonly Attempt[] = [];
