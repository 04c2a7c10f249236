import { forcedDomains, isBelowAny } from "../../power/shedding/effects.ts";
import { isAwayToEnd } from "../../power/shedding/away-to-end.ts";
import { idleNodesOf, offUntil } from "../../power/shedding/idle-nodes.ts";
import { innermost } from "../../power/shedding/planned-group.ts";
import { sleepersNow, sleepsAgainMs } from "../../power/ramp/ramp-sleep.ts";
import { addFallingAsleep } from "../../power/falling-asleep.ts";
import { known } from "../../state/assert.ts";
import type { CurtailmentRecord, PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteRamps } from "../../state/ramps.ts";
import { nodeAsleep, nodeOff, type SiteState } from "../../state/site-state.ts";
import type { Deciding } from "../deciding.ts";

/**
 * Nodes that a shed decision of now switches off: below what must not go on at once, elsewhere as many as
 * the ramps above allow; the decision is made again for the others.
 */
export function sleepNow(deciding: Deciding, site: SiteState, nodes: readonly number[]): void {
  const { state } = deciding;
  const ramps = state.ramps.get(site.site.id);
  const forced = ramps === undefined ? undefined : forcedDomains(state, site);
  const isForced = (node: number): boolean =>
    forced === undefined || isBelowAny(site, [node], forced);
  requestSleep(deciding, site, nodes.filter(isForced));
  const others = nodes.filter((node) => !isForced(node));
  if (ramps !== undefined && others.length > 0) {
    const allowed = sleepersNow(state, site, ramps, others);
    requestSleep(deciding, site, allowed);
    if (allowed.length < others.length) {
      ramps.capsAtMs = Math.min(ramps.capsAtMs, state.nowMs + sleepsAgainMs);
    }
  }
}

/**
 * Idle nodes below a steered target that misses watts which no cap can give, as many as are missing: nobody needs them,
 * and no plan has to be made again for them. They may have fallen idle, or come back, since the plan was made. Those of
 * tasks that pause to the end go after all others.
 */
export function sleepForMissing(
  deciding: Deciding,
  site: SiteState,
  record: CurtailmentRecord,
): void {
  const { curtailment, steered } = record;
  const { state } = deciding;
  const top = known(site.domainIndexById.get(curtailment.domain), "domain of a curtailment");
  const falling = new Float64Array(site.usableScaled.length);
  addFallingAsleep(state, site, falling, 1);
  const scale = site.site.domains[top]?.loadScale ?? 1;
  let missingScaled = (steered?.missingWatts ?? 0) * scale - (falling[top] ?? 0);
  const areNodesShed = Uint8Array.of(1);
  const untilMsOf = offUntil(state, site, [curtailment]);
  // What somebody drew who is gone is in the last means, and may be all that is missing.
  const isGone = (steered?.goneWatts ?? 0) > 0;
  const isUnkept = (paused: PausedTask): boolean =>
    !isGone && isAwayToEnd(state, site, record, paused);
  const sleep = { areNodesShed, untilMsOf };
  const nodes = new Set<number>();
  for (const wish of missingScaled > 0 ? [sleep, { ...sleep, isUnkept }] : []) {
    for (const { id, domains, wattsScaled } of idleNodesOf(state, site, wish)) {
      const at = domains.indexOf(top);
      if (at !== -1 && missingScaled > 0 && !nodes.has(id)) {
        nodes.add(id);
        missingScaled -= wattsScaled[at] ?? 0;
      }
    }
  }
  sleepNow(deciding, site, [...nodes]);
}

/** Of the nodes that a plan switches off for a group, those of one curtailment of it, where ramps put them in stages. */
export function sleepersOf(
  { state }: Deciding,
  site: SiteState,
  group: readonly CurtailmentRecord[],
  nodes: readonly number[],
): ReadonlyMap<CurtailmentRecord, readonly number[]> {
  const sleepers = new Map<CurtailmentRecord, number[]>();
  if (state.ramps.has(site.site.id)) {
    for (const node of nodes) {
      const owner = innermost(site, group, [node]) ?? group[0];
      if (owner !== undefined) {
        sleepers.set(owner, [...(sleepers.get(owner) ?? []), node]);
      }
    }
  }
  return sleepers;
}

/** Nodes of planned curtailments whose turn it is: as many as the ramps above allow now, the others later. */
export function sleepInStages(deciding: Deciding, site: SiteState): void {
  const { state } = deciding;
  const ramps = state.ramps.get(site.site.id);
  const waiting = ramps === undefined ? [] : sleepersLeft(state, site);
  if (ramps === undefined || waiting.length === 0) {
    return;
  }
  const wanted = new Set(waiting.flatMap(({ nodes }) => nodes));
  const idle = new Set(waiting.flatMap((one) => idleFor(state, site, one)));
  const allowed = sleepersNow(state, site, ramps, [...idle]);
  requestSleep(deciding, site, allowed);
  if (allowed.length < wanted.size) {
    ramps.nodesAtMs = state.nowMs + sleepsAgainMs;
  }
}

/**
 * Those that may be off to the end of the curtailment whose plan counts on them: another one that lasts longer keeps them on
 * for no start that is promised after it.
 */
function idleFor(
  state: EngineState,
  site: SiteState,
  { record: { curtailment }, nodes }: SleepersLeft,
): readonly number[] {
  const untilMsOf = offUntil(state, site, [curtailment]);
  const idle = idleNodesOf(state, site, { areNodesShed: Uint8Array.of(1), untilMsOf });
  return idle.map(({ id }) => id).filter((node) => nodes.includes(node));
}

/** When `sleepInStages` has something to do next; Infinity: no node waits. */
export function nextSleepMs(state: EngineState, site: SiteState, { nodesAtMs }: SiteRamps): number {
  if (sleepersLeft(state, site).length === 0) {
    return Infinity;
  }
  // The moment is a cache: after a restart it is found anew.
  return nodesAtMs === Infinity ? state.nowMs : nodesAtMs;
}

/** Nodes that a curtailment's plan switches off and that are still on. */
interface SleepersLeft {
  readonly record: CurtailmentRecord;
  readonly nodes: readonly number[];
}

/**
 * Those that are still on, up to the end. Whether they are off long enough to be worth it was part of the plan: who goes
 * off for less goes because floors need its watts, and its preview counts on it (`offMoments`).
 */
function sleepersLeft({ curtailments }: EngineState, site: SiteState): readonly SleepersLeft[] {
  return [...curtailments.records.values()]
    .filter(({ curtailment }) => curtailment.site === site.site.id)
    .map((record) => ({
      record,
      nodes: record.sleepers.filter(
        (node) =>
          ((site.nodeFlags[node] ?? 0) & (nodeOff | nodeAsleep)) === 0 &&
          staysOff(site, record, node),
      ),
    }))
    .filter(({ nodes }) => nodes.length > 0);
}

/** Those elsewhere take over for a lost supply: once that is back they are woken, and going off again would have no end. */
function staysOff(site: SiteState, { curtailment }: CurtailmentRecord, node: number): boolean {
  const top = known(site.domainIndexById.get(curtailment.domain), "domain of a curtailment");
  return site.lostSupplies.size > 0 || isBelowAny(site, [node], new Set([top]));
}

function requestSleep({ emit }: Deciding, site: SiteState, nodes: readonly number[]): void {
  if (nodes.length > 0) {
    emit({ kind: "node-sleep-requested", site: site.site.id, nodes });
  }
}
