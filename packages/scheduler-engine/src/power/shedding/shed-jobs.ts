import { type CapCurve, restrictShared, type ShedJob } from "@ertis/power-planning";
import { toNumber } from "@ertis/quantities";
import { acknowledgeMs } from "../../limits.ts";
import type { CurtailmentRecord, PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt, Job } from "../../state/job.ts";
import { nodeLost, type SiteState } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { capInForce } from "../../state/caps.ts";
import { countedAlike, countedByNode } from "./counted-scaled.ts";
import { curveOf, floorCap } from "./curves.ts";
import { isAwaited } from "./awaited.ts";
import { isBelow, isBelowAny, nodeCountBefore, openLossMs } from "./effects.ts";
import { fillJobOf } from "./fill-jobs.ts";
import { returnNodes } from "./return-nodes.ts";
import { nodesForReturn } from "./sleepers.ts";
import { gpuWatts, uncapped } from "./gpu-watts.ts";
import { isBackBy } from "./returns-at.ts";
import { budgetDomains } from "../forced-domains.ts";
import { sharesPeak } from "../leave-together.ts";
import { isFelt } from "../recovery.ts";
import { idleWattsOf } from "../sleeping-nodes.ts";
import { asksByBounds } from "../stale-meters.ts";

/** In a planned one a measurement lets back who was paused: its plan bears that it comes so late. */
const returnsLateMs = 30_000;

/** A job in a shed problem, and what of its load is in the ledger now. */
export interface ShedMember {
  readonly shed: ShedJob;
  readonly job: Job;
  readonly task: number;
  /** Where it runs, or ran. */
  readonly nodes: readonly number[];
  readonly gpusPerNode: number;
  /** Where it would run again; undefined: it runs. */
  readonly comesBackTo?: readonly number[];
  /** Undefined for a task that is paused. */
  readonly attempt: Attempt | undefined;
  /** Beside `shed.domains`: the scaled load that the ledger counts for it. */
  readonly countedScaled: Float64Array;
}

export interface ShedContext {
  readonly state: EngineState;
  readonly site: SiteState;
  /** The curtailment whose tiers count; undefined: a limit or a budget fell. */
  readonly record: CurtailmentRecord | undefined;
}

/**
 * Nodes whose caps will follow an order: those that answer, and are not late with their last one. All of them are handed back as the
 * list that they are in, by which the load of the gang is kept.
 */
function nodesThatFollow({ state, site }: ShedContext, attempt: Attempt): readonly number[] {
  const isLate = state.nowMs - attempt.workAtMs >= acknowledgeMs;
  const doesFollow = (node: number): boolean =>
    ((site.nodeFlags[node] ?? 0) & nodeLost) === 0 &&
    !site.silentNodes.has(node) &&
    !(isLate && attempt.capInForce?.has(node) === true);
  const { heldNodes, gpusPerNode } = attempt;
  if (heldNodes.some((node) => sharesPeak(site, node, gpusPerNode))) {
    // It pauses as a whole: no cap of it makes a difference.
    return heldNodes.every(doesFollow) ? heldNodes : [];
  }
  return heldNodes.every(doesFollow) ? heldNodes : heldNodes.filter(doesFollow);
}

/** A running attempt; undefined: it can neither be capped nor paused. */
export function runningMember(context: ShedContext, attempt: Attempt): ShedMember | undefined {
  const { state, site } = context;
  const job = state.jobs.get(attempt.job);
  const nodes = nodesThatFollow(context, attempt);
  const first = nodes[0];
  if (job === undefined || first === undefined) {
    return undefined;
  }
  const gpu = gpuWatts(site, first);
  const curve = attempt.curve ?? uncapped(gpu.highestWatts);
  const capNow = (node: number): number =>
    attempt.curve === undefined ? gpu.highestWatts : capInForce(attempt, node) || gpu.highestWatts;
  const shed = shedJob(context, {
    job,
    nodes,
    gpusPerNode: attempt.gpusPerNode,
    curve,
    floorCapWatts: attempt.floorCapWatts === 0 ? gpu.highestWatts : attempt.floorCapWatts,
    capNowWatts: attempt.capWatts || gpu.highestWatts,
    idleWatts: gpu.idleWatts,
    isPausedNow: false,
    lossMsSoFar: lossSoFar(context, attempt, attempt) + lossToCome(context, attempt),
    nodeCountMin: fewestOf(context, job, attempt, nodes),
  });
  const countedScaled =
    attempt.capInForce === undefined
      ? countedAlike(shed, capNow(first))
      : countedByNode(site, shed, nodes, (node) => capNow(node) * attempt.gpusPerNode);
  const { task, gpusPerNode } = attempt;
  return { shed, job, task, nodes, gpusPerNode, attempt, countedScaled };
}

/**
 * A paused job, as it will be when it is back: where others hold its own nodes, on those that it would get now.
 * @param atMs at a later moment than now, before which it comes back, its pause costs a checkpoint again
 */
export function pausedMember(
  context: ShedContext,
  job: Job,
  paused: PausedTask,
  atMs: number = context.state.nowMs,
): ShedMember | undefined {
  const { site, state } = context;
  const first = paused.nodes[0];
  const pool = first === undefined ? undefined : site.nodePool[first];
  if (first === undefined || pool === undefined) {
    return undefined;
  }
  const gpu = gpuWatts(site, first);
  const floor = floorCap(pool, job.spec);
  const open = openNodes(context, paused);
  const nodesThen = open ?? returnNodes(state, site, paused);
  // Nodes that are on for it alone draw nothing while it is paused.
  const onForIt = idleWattsOf(site, nodesForReturn(state, site, paused));
  const idleWatts = gpu.idleWatts - onForIt / (nodesThen.length * paused.gpusPerNode);
  const shed = shedJob(context, {
    job,
    nodes: nodesThen,
    gpusPerNode: paused.gpusPerNode,
    curve: curveOf(pool, job.spec.workloadClass) ?? uncapped(gpu.highestWatts),
    floorCapWatts: floor === 0 ? gpu.highestWatts : floor,
    capNowWatts: gpu.highestWatts,
    idleWatts,
    isPausedNow: !isBackBy(state, paused, atMs),
    lossMsSoFar:
      lossSoFar(context, paused, undefined) +
      Math.max(0, state.nowMs - pausedFromMs(context, paused)) +
      lossToCome(context, { ...paused, nodes: nodesThen }),
    nodeCountMin:
      open === undefined ? paused.nodes.length : Math.min(open.length, job.spec.nodeCountMin),
    nodeCountPlanned: open === undefined ? undefined : paused.nodes.length,
  });
  const wattsOf = (): number => idleWatts * paused.gpusPerNode;
  const countedScaled = countedByNode(site, shed, nodesThen, wattsOf);
  const { task, gpusPerNode } = paused;
  const nodes = open ?? paused.nodes;
  const back = { comesBackTo: nodesThen, attempt: undefined };
  return { shed, job, task, nodes, gpusPerNode, ...back, countedScaled };
}

/**
 * Who gives nodes back in an emergency has them all while it writes its checkpoint: with how many of these it goes on is
 * planned anew until it does. An answer that was only late gives them back to it, and costs it no second restart; when
 * they are gone, it goes on with no more than it was told. Undefined: with just as many.
 */
export function openNodes(
  { state, site }: Pick<ShedContext, "state" | "site">,
  paused: PausedTask,
): readonly number[] | undefined {
  const { job, task, nodes, isShrinking, isGrowing, curtailment } = paused;
  if (!isShrinking || isGrowing === true || curtailment !== undefined) {
    return undefined;
  }
  const attempt = state.jobs.get(job)?.active?.get(task);
  const held = attempt !== undefined && hasAllNodes(site, attempt) ? attempt.heldNodes : nodes;
  const budgets = [...budgetDomains(state, site).entries()].flatMap(([at, is]) =>
    is === 1 ? [at] : [],
  );
  const on = site.curtailments.filter((one) => isFelt(one, state.nowMs));
  const isOpen =
    isAwaited(state, paused) &&
    // A planned one grants just those watts that it was told to go on with.
    on.every(({ mode }) => mode === "emergency") &&
    // Where a budget leaves no room for all floors, plans count on more than there is.
    !isBelowAny(site, held, new Set(budgets)) &&
    on.some((one) => asksByBounds(site, one, state.nowMs) && isBelow(site, held, one.domain));
  return isOpen ? held : undefined;
}

/** And they can all be relied on. */
function hasAllNodes(site: SiteState, { heldNodes, placement }: Attempt): boolean {
  return (
    heldNodes.length === placement.nodes.length &&
    heldNodes.every(
      (node) => ((site.nodeFlags[node] ?? 0) & nodeLost) === 0 && !site.silentNodes.has(node),
    )
  );
}

interface Described {
  readonly job: Job;
  readonly nodes: readonly number[];
  readonly gpusPerNode: number;
  readonly curve: CapCurve;
  readonly floorCapWatts: number;
  readonly capNowWatts: number;
  readonly idleWatts: number;
  readonly isPausedNow: boolean;
  readonly lossMsSoFar: number;
  readonly nodeCountMin: number;
  readonly nodeCountPlanned?: number | undefined;
}

/** Each of its parts is named: of thousands of jobs, to copy those of others takes several times as long. */
function shedJob({ site, record }: ShedContext, described: Described): ShedJob {
  const { job, nodes, gpusPerNode, floorCapWatts } = described;
  const curve = acceptedCurve(described);
  const { spec } = job;
  const { checkpoint } = spec;
  const { gpuCount, weight, domains, scaledPerGpuWatt } = fillJobOf(site, {
    job,
    curve,
    floorCapWatts,
    nodes,
    gpusPerNode,
  });
  return {
    gpuCount,
    weight,
    curve,
    floorCapWatts,
    domains,
    scaledPerGpuWatt,
    id: 0,
    capNowWatts: described.capNowWatts,
    idleWatts: described.idleWatts,
    isPausedNow: described.isPausedNow,
    lossMsSoFar: described.lossMsSoFar,
    tierLossMax: spec.flexibilityTier / 100,
    isProtected: spec.flexibilityTier === 0,
    canPause: checkpoint !== undefined,
    saveMs: checkpoint === undefined ? 0 : toNumber(checkpoint.save),
    restoreMs: checkpoint === undefined ? 0 : toNumber(checkpoint.restore),
    returnsLateMs: record?.curtailment.mode === "planned" ? returnsLateMs : 0,
    nodeCount: nodes.length,
    nodeCountMin: described.nodeCountMin,
    nodeCountPlanned: described.nodeCountPlanned,
  };
}

/** Not even for a moment is a GPU held below what its job accepts. */
function acceptedCurve({ curve, job }: Described): CapCurve {
  const highestCapWatts = curve.points.at(-1)?.capWatts ?? 0;
  return restrictShared(curve, { lowestCapWatts: toNumber(job.spec.capMin), highestCapWatts });
}

function lossSoFar(
  { record, state, site }: ShedContext,
  key: Pick<Attempt, "job" | "task">,
  attempt: Attempt | undefined,
): number {
  if (record === undefined) {
    return 0;
  }
  const effect = record.effects.get(taskIdOf(key));
  const counted = (effect?.cappedLossMs ?? 0) + (effect?.pausedMs ?? 0);
  return counted + (attempt === undefined ? 0 : openLossMs(state, site, record, attempt));
}

/** What a pause costs before the start costs no tier anything. */
function pausedFromMs({ record }: ShedContext, { fromMs }: PausedTask): number {
  return record === undefined ? fromMs : Math.max(fromMs, toNumber(record.curtailment.start));
}

/** A task that lost nodes to the event loses for the rest of it what they would do. */
function lossToCome({ record, state }: ShedContext, at: Attempt | PausedTask): number {
  if (record === undefined) {
    return 0;
  }
  const nodes = "nodes" in at ? at.nodes : at.placement.nodes;
  const before = nodeCountBefore(record, at, nodes.length);
  const { start, end } = record.curtailment;
  const restMs = toNumber(end) - Math.max(state.nowMs, toNumber(start));
  return Math.max(0, restMs) * (1 - nodes.length / before);
}

/**
 * The fewest nodes it can go on with. To shrink is to write a checkpoint and to go on from it on the
 * nodes that are kept, so without one it cannot; nor where a node does not answer; nor for what has no
 * known end: it would not know when to grow again.
 */
function fewestOf(
  { record }: ShedContext,
  { spec }: Job,
  attempt: Attempt,
  nodes: readonly number[],
): number {
  const isWhole = nodes.length === attempt.placement.nodes.length;
  const mayShrink = spec.checkpoint !== undefined && record !== undefined && isWhole;
  return mayShrink ? Math.min(nodes.length, spec.nodeCountMin) : nodes.length;
}
