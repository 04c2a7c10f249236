import { toNumber } from "@ertis/quantities";
import { switchOffMs, wakeMs } from "../../limits.ts";
import { isBelowAny } from "../../power/shedding/effects.ts";
import { growthWatts, noMoreGpus } from "../../power/ledger.ts";
import { nodesOfReturns } from "../../power/shedding/return-nodes.ts";
import { comingStarts } from "../../power/ramp/ramp-coming.ts";
import { nodesWithin } from "../../power/ramp/ramp-nodes.ts";
import { roomsAt } from "../../power/ramp/ramp-room.ts";
import { givesMoreFromMs, isFelt } from "../../power/recovery.ts";
import { withTrial } from "../../power/what-if/trial.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { nodeAsleep, nodeOff, type SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { waitingTasks } from "../../power/shedding/beside-waiting.ts";
import type { Deciding } from "../deciding.ts";
import { idleRoom, letReturn, returnedAgain } from "../queue/return-node.ts";
import { loseUnwoken, triedAgain } from "./unwoken-nodes.ts";

/** Nodes that a ramp held up are looked at again after so long. */
const nodesAgainMs = 5_000;

/** Nodes that nothing holds up but want of watts, or their way off, are looked at again after so long. */
const wakesAgainMs = 30_000;

/**
 * Nodes that were switched off for a curtailment come back in its recovery, once what was shed is back: as
 * many at a time as its rising ceiling and the ramps above them allow. They get their idle watts with it: who has no room for
 * them sleeps on and is looked at again, since a cluster that was refused once may not ask for hours.
 */
export function wakeNodes(deciding: Deciding, site: SiteState): void {
  const { nowMs } = deciding.state;
  site.wakesAgainAtMs = Infinity;
  loseUnwoken(deciding, site);
  const heldUp = heldUpDomains(deciding, site, (one) => nowMs < givesMoreFromMs(one));
  wakePromised(deciding, site, heldUp);
  wakeReturning(deciding, site);
  if (heldUp.has(0)) {
    return;
  }
  const asleep: number[] = [];
  site.nodeFlags.forEach((flags, node) => {
    if (
      (flags & nodeAsleep) !== 0 &&
      site.reservationOfNode[node] === undefined &&
      !isBelowAny(site, [node], heldUp)
    ) {
      asleep.push(node);
    }
  });
  const ready = withRoom(deciding, site, belowCeilings(site, asleep));
  // Until it is up a node may draw at any moment, also shortly before what is promised.
  wake(deciding, site, withinRamps(deciding, site, ready, nowMs + wakeMs));
  tryAgain(deciding, site, heldUp);
}

/** Those that did not wake are tried again where their idle watts fit; they take no work before they are up. */
function tryAgain(deciding: Deciding, site: SiteState, heldUp: ReadonlySet<number>): void {
  const { nowMs } = deciding.state;
  const due = triedAgain(site, nowMs).filter((node) => !isBelowAny(site, [node], heldUp));
  const ready = withRoom(deciding, site, belowCeilings(site, due));
  for (const node of withinRamps(deciding, site, ready, nowMs + wakeMs)) {
    deciding.emit({ kind: "node-returned", site: site.site.id, node, wake: "tried" });
  }
}

/** Those that fit what a recovery has given back so far; after it each asks for itself. */
function belowCeilings(site: SiteState, nodes: readonly number[]): readonly number[] {
  if (!site.isInCurtailment) {
    return nodes;
  }
  return withTrial(site, site.horizons.slice(0, 1), Infinity, (trial) =>
    nodes.filter((node) => trial.add(node, noMoreGpus)),
  );
}

/**
 * Those that are kept for a promised start come first, and when they are due whatever else goes on: in a
 * second curtailment, while a supply is lost, as long as breakers carry them. Where that was not so at once,
 * they are let in as soon as it is.
 */
function wakePromised(deciding: Deciding, site: SiteState, heldUp: ReadonlySet<number>): void {
  const { nowMs } = deciding.state;
  for (const { nodes, nodesOffCount, wakeByMs } of site.pools.flatMap(
    (pool) => pool.reservations,
  )) {
    const isDue = wakeByMs <= nowMs;
    if (nodesOffCount > 0 && (isDue || !isBelowAny(site, nodes, heldUp))) {
      const waiting = nodes.filter((node) => {
        const flags = site.nodeFlags[node] ?? 0;
        return (flags & nodeOff) !== 0 ? isDue || (flags & nodeAsleep) !== 0 : flags !== 0;
      });
      wake(deciding, site, withinRamps(deciding, site, withRoom(deciding, site, waiting), nowMs));
    }
  }
}

/** Nodes that may come: where they are off, there is room for their idle watts. */
function wake(deciding: Deciding, site: SiteState, nodes: readonly number[]): void {
  const asleep = nodes.filter((node) => ((site.nodeFlags[node] ?? 0) & nodeAsleep) !== 0);
  if (asleep.length > 0) {
    deciding.emit({ kind: "node-wake-requested", site: site.site.id, nodes: asleep });
  }
  const off = nodes.filter((node) => isOff(site, node));
  for (const node of off) {
    deciding.emit({ kind: "node-returned", site: site.site.id, node, wake: "trusted" });
  }
  returnedAgain(deciding, site, off);
}

/**
 * Those that can be turned on: off, with room for their idle watts one beside the other, or never seen to go off. The others
 * sleep on and are looked at again.
 */
function withRoom(
  { state }: Deciding,
  site: SiteState,
  nodes: readonly number[],
): readonly number[] {
  if (nodes.length === 0) {
    return nodes;
  }
  const able = withTrial(site, site.horizons, Infinity, (trial) => {
    const hasRoom = idleRoom(state, site);
    return nodes.filter((node) => {
      if (!isOff(site, node)) {
        return !isGoingOff(state, site, node);
      }
      const mayCome = hasRoom(node);
      if (mayCome) {
        trial.take(node, noMoreGpus);
      }
      return mayCome;
    });
  });
  if (able.length < nodes.length) {
    site.wakesAgainAtMs = state.nowMs + wakesAgainMs;
  }
  return able;
}

/** What is still going off can be turned back only once it is off. */
function isGoingOff({ nowMs }: EngineState, { sleepAskedAtMs }: SiteState, node: number): boolean {
  return nowMs < (sleepAskedAtMs.get(node) ?? -Infinity) + switchOffMs;
}

/**
 * Nodes of paused tasks are part of what was shed: they come with the recovery, as soon as no curtailment is on or
 * near above them.
 */
function wakeReturning(deciding: Deciding, site: SiteState): void {
  const { state } = deciding;
  const asleep = [...nodesOfReturns(state, site, waitingTasks(state, site)).values()]
    .flat()
    .filter((node) => site.nodeFlags[node] === (nodeAsleep | nodeOff));
  if (asleep.length > 0) {
    const heldUp = heldUpDomains(deciding, site, ({ end }) => state.nowMs < toNumber(end));
    const nodes = [...new Set(asleep)].filter((node) => !isBelowAny(site, [node], heldUp));
    const fitting = heldUp.has(0) ? [] : withRoom(deciding, site, belowCeilings(site, nodes));
    wake(deciding, site, withinRamps(deciding, site, fitting, state.nowMs + wakeMs));
  }
}

/** Below them nodes stay off: curtailments as long as they hold them up, and what is lost. */
function heldUpDomains(
  { state }: Deciding,
  site: SiteState,
  isHolding: (felt: Curtailment) => boolean,
): ReadonlySet<number> {
  // Who takes over the load of a lost supply may be anywhere.
  const heldUp = new Set<number>(site.lostSupplies.size > 0 ? [0] : []);
  const add = ({ domain }: Pick<Curtailment, "domain">): void => {
    heldUp.add(known(site.domainIndexById.get(domain), "curtailed domain"));
  };
  site.curtailments.filter((one) => isOnOrNear(one, state.nowMs, isHolding)).forEach(add);
  for (const { curtailment, isOver, isPlanned } of state.curtailments.records.values()) {
    if (curtailment.site === site.site.id && isPlanned && !isOver) {
      add(curtailment);
    }
  }
  return heldUp;
}

/** So near that nodes would hardly be on before, or not given back yet what was shed. */
function isOnOrNear(
  one: Curtailment,
  nowMs: number,
  isHolding: (felt: Curtailment) => boolean,
): boolean {
  const inMs = toNumber(one.start) - nowMs;
  return (isFelt(one, nowMs) && isHolding(one)) || (inMs >= 0 && inMs < switchOffMs + wakeMs);
}

function isOff({ nodeFlags }: SiteState, node: number): boolean {
  return ((nodeFlags[node] ?? 0) & nodeOff) !== 0;
}

/**
 * A node that was off for another reason says that it is ready: it comes back where its idle watts fit, and within
 * ramps as those do that are woken. Until then it stays off and asks again.
 */
export function readyNode(deciding: Deciding, site: SiteState, node: number): boolean {
  const { nowMs } = deciding.state;
  const upByMs = site.reservationOfNode[node] === undefined ? nowMs + wakeMs : nowMs;
  const mayCome = withinRamps(deciding, site, [node], upByMs).length > 0;
  return mayCome && letReturn(deciding, site, node);
}

/** Those that may all come now, beside starts that are promised up to a moment and soon after; the others are looked at again. */
function withinRamps(
  { state }: Deciding,
  site: SiteState,
  nodes: readonly number[],
  untilMs: number,
): readonly number[] {
  const ramps = state.ramps.get(site.site.id);
  if (ramps === undefined || nodes.length === 0) {
    return nodes;
  }
  const now = known(site.horizons[0], "the horizon of now");
  const coming = comingStarts(state, site, ramps, { job: undefined, untilMs });
  const rooms = roomsAt(ramps, { atMs: state.nowMs, settleMs: wakeMs }, coming);
  const wanted = nodes.map((node) => ({
    node,
    watts: isOff(site, node) ? growthWatts(site, node, noMoreGpus, now) : 0,
  }));
  const allowed = nodesWithin(site, ramps, rooms, wanted);
  if (allowed.length < nodes.length) {
    ramps.nodesAtMs = state.nowMs + nodesAgainMs;
  }
  return allowed;
}
