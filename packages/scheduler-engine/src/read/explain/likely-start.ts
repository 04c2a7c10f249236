import { toNumber } from "@ertis/quantities";
import { FreeMoments } from "../../placement/free-moments.ts";
import { nodesIn } from "../../placement/nodes-then.ts";
import { reservationOf } from "../../placement/find.ts";
import { nextWorkMs, wantedUntil } from "../../placement/wanted.ts";
import { addNodeWatts } from "../../power/above-idle.ts";
import { letGoOf } from "../../power/create-horizon.ts";
import { growthWatts } from "../../power/ledger.ts";
import { isFelt, recoveredAtMs } from "../../power/recovery.ts";
import { isAwaited } from "../../power/shedding/awaited.ts";
import { withLifted } from "../../power/what-if/lifted.ts";
import { known } from "../../state/assert.ts";
import type { PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { Horizon, Pool, SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { jobsAhead } from "./ahead.ts";
import { allBackAt } from "./all-back.ts";
import type { StartOption } from "./start-options.ts";
import type { Suggestion } from "./suggestion.ts";

/** A start that nobody keeps for a job, and that it gets if nobody takes the room before. */
export interface LikelyStart {
  readonly atMs: number;
  /** Of those that are on or give their watts back, the last that has given all of them back by then. */
  readonly curtailment: Curtailment;
}

/** What else is told of its start. */
export interface OtherStarts {
  readonly boundMs: number;
  readonly keptMs: number | undefined;
  readonly startOptions: readonly StartOption[];
}

/**
 * When a job that waits beside a curtailment has room with everybody back at full power: a start that is kept for it
 * counts on no watts before who was paused and shrunk has them, so it may be hours later. Undefined: it is not, or nothing is
 * curtailed, it has no room then, others go before it, or ramps or gangs that get nodes back may take longer.
 */
export function likelyStart(
  state: EngineState,
  job: Job,
  pools: readonly Pool[],
  told: OtherStarts,
): LikelyStart | undefined {
  const asked = pools.filter(({ site }) => site.isInCurtailment && isSimple(state, site));
  const isBack = job.pausedTasks.length + job.returningTasks.length > 0;
  if (asked.length === 0 || isBack || isBehind(state, job)) {
    return undefined;
  }
  const own = reservationOf(state, job);
  const starts = withLifted(own === undefined ? [] : [own], () =>
    asked.flatMap((pool) => startIn(state, job, pool) ?? []),
  );
  return starts.filter((one) => isSoonest(one, told)).toSorted((a, b) => a.atMs - b.atMs)[0];
}

function isSoonest({ atMs }: LikelyStart, { boundMs, keptMs, startOptions }: OtherStarts): boolean {
  const estimates = startOptions.filter(({ isEstimate }) => isEstimate);
  const others = [keptMs, ...estimates.map(({ startMs }) => startMs)];
  return boundMs <= atMs && others.every((one = Infinity) => atMs < one);
}

/** A change is no help to whom it lets start no sooner than by itself. */
export function helpsBefore(
  likely: LikelyStart | undefined,
  change: Suggestion | undefined,
): Suggestion | undefined {
  const startMs = change !== undefined && "startMs" in change ? change.startMs : undefined;
  return (startMs ?? 0) < (likely?.atMs ?? Infinity) ? change : undefined;
}

function isSimple({ curtailments }: EngineState, { site, awaySinceMs }: SiteState): boolean {
  const isShrunk = [...curtailments.shrunk.values()].some((one) => one.site === site.id);
  return awaySinceMs === undefined && !isShrunk;
}

/** Watts are of no model: whoever is ahead for another one takes them, too. */
function isBehind(state: EngineState, job: Job): boolean {
  const { count, isLowerBound } = jobsAhead(state, {
    ...job,
    spec: { ...job.spec, gpuModel: "" },
  });
  return count > 0 || isLowerBound;
}

function startIn(state: EngineState, job: Job, pool: Pool): LikelyStart | undefined {
  const { site } = pool;
  const felt = site.curtailments.filter((one) => isFelt(one, state.nowMs));
  const curtailment = felt.toSorted((a, b) => recoveredAtMs(b) - recoveredAtMs(a))[0];
  const atMs = curtailment === undefined ? Infinity : recoveredAtMs(curtailment);
  if (curtailment === undefined || atMs === Infinity) {
    return undefined;
  }
  const coming = comingBackTo(state, site);
  const walltimeMs = nextWorkMs(job);
  const wanted = wantedUntil(pool, job, atMs + walltimeMs);
  const free = new FreeMoments(pool, wanted, state.nowMs);
  const theirs = new Set(coming.flatMap(({ nodes }) => nodes));
  const freeAt = {
    nodeCount: free.nodeCount,
    at: (node: number) => (theirs.has(node) ? Infinity : free.at(node)),
  };
  const gang = { ...wanted, walltimeMs };
  const then = allBackAt(site, atMs, coming);
  const nodes = nodesIn({ pool, gang, freeAt }, then);
  nodes?.forEach((node) =>
    addNodeWatts(site, node, growthWatts(site, node, gang, then), then.load),
  );
  const isFound = nodes !== undefined && isWithinRamps(site, then);
  letGoOf(site, then);
  return isFound ? { atMs, curtailment } : undefined;
}

/** Does no ramp hold up anything of it, even if all of it comes within one of its windows? */
function isWithinRamps({ site, horizons }: SiteState, { load }: Horizon): boolean {
  const now = known(horizons[0], "the horizon of now").load;
  return site.domains.every(({ ramp, index, loadScale }) => {
    const most =
      ramp === undefined ? Infinity : (toNumber(ramp.watts) * ramp.windowMs) / ramp.perMs;
    return (load[index] ?? 0) - (now[index] ?? 0) <= most * loadScale;
  });
}

function comingBackTo(state: EngineState, { site }: SiteState): readonly PausedTask[] {
  return [...state.curtailments.paused.values()].filter(
    (one) => one.site === site.id && isAwaited(state, one),
  );
}
