import { toNumber } from "@ertis/quantities";
import { visitAbove } from "../state/columns.ts";
import { holdsUntilMs } from "./attempt-ends.ts";
import { capInForce } from "../state/caps.ts";
import { boundWith, type HeldGpus } from "./ledger.ts";
import type { CurtailmentRecord } from "../state/curtailments.ts";
import { isSwitchedOff } from "./promised-wakes.ts";
import {
  nodeOff,
  type PromisedRoom,
  type Reservation,
  type SiteState,
} from "../state/site-state.ts";

/** Caps fall and are acknowledged, and a minute's mean follows, before a promised start comes. */
const leadMs = 60_000;

/** A start that is promised for now or soon, in scaled watts of a domain. */
interface SoonStart {
  readonly reservation: Reservation;
  /** What bounds grow by when it comes. */
  readonly growthScaled: number;
  /** Of that, what is not drawn now by those who make room for it. */
  readonly moreScaled: number;
}

/**
 * What a planned curtailment leaves for promised starts: they are counted before they draw, so that others are
 * lowered for them in time.
 */
export interface PromisedSoon {
  readonly loadScale: number;
  readonly starts: readonly SoonStart[];
  /** What they, and nodes that are woken for them or for later ones, will draw in the domain on top of what is drawn now. */
  readonly watts: number;
}

/** Starts until the next measurement, and so long after it that others can follow: those that come then are told now. */
export function promisedSoon(
  site: SiteState,
  { curtailment }: CurtailmentRecord,
  { atMs, periodMs }: { readonly atMs: number; readonly periodMs: number },
): PromisedSoon {
  const top = site.domainIndexById.get(curtailment.domain);
  const loadScale = site.site.domains[top ?? 0]?.loadScale ?? 1;
  const untilMs = atMs + periodMs + leadMs;
  const all = site.pools.flatMap(({ reservations }) => reservations);
  const starts = all
    .filter(({ startAtMs }) => startAtMs <= untilMs)
    .map((reservation) => soonStart(site, reservation, top))
    .filter(({ growthScaled }) => growthScaled > 0);
  const wokenScaled = all
    .filter(({ wakeByMs }) => wakeByMs <= untilMs && wakeByMs < toNumber(curtailment.end))
    .reduce((sum, reservation) => sum + wokenOf(site, reservation, top), 0);
  return { loadScale, starts, watts: (moreOf(starts) + wokenScaled) / loadScale };
}

/** Idle watts of its nodes that are off: they are woken for it whatever else goes on. */
function wokenOf(site: SiteState, { nodes }: Reservation, top: number | undefined): number {
  let scaled = 0;
  for (const node of nodes) {
    const flags = site.nodeFlags[node] ?? 0;
    const idleWatts = site.nodeBounds[node]?.[0] ?? 0;
    if (isSwitchedOff(flags) && (flags & nodeOff) !== 0) {
      visitAbove(site, node, idleWatts, (domain, watts) => {
        scaled += domain === top ? watts : 0;
      });
    }
  }
  return scaled;
}

/** What each start has left of that where not all could be lowered for them: the first of the highest classes go first. */
export function promisedRooms(
  { loadScale, starts }: PromisedSoon,
  missingWatts: number,
): readonly PromisedRoom[] {
  let left = Math.max(0, moreOf(starts) - missingWatts * loadScale);
  return starts
    .toSorted(
      ({ reservation: a }, { reservation: b }) =>
        b.priority - a.priority || a.startAtMs - b.startAtMs || a.job - b.job,
    )
    .map(({ reservation: { job }, growthScaled, moreScaled }) => {
      const given = Math.min(moreScaled, left);
      left -= given;
      const missingScaled = moreScaled - given;
      return { job, scaled: growthScaled - missingScaled, missingScaled };
    });
}

function moreOf(starts: readonly SoonStart[]): number {
  return starts.reduce((sum, { moreScaled }) => sum + moreScaled, 0);
}

function soonStart(site: SiteState, reservation: Reservation, top: number | undefined): SoonStart {
  let growthScaled = 0;
  let moreScaled = 0;
  for (const node of reservation.nodes) {
    const { growthWatts, goingWatts } = atNode(site, node, reservation);
    visitAbove(site, node, 1, (domain, perWatt) => {
      growthScaled += domain === top ? growthWatts * perWatt : 0;
      moreScaled += domain === top ? Math.max(0, growthWatts - goingWatts) * perWatt : 0;
    });
  }
  return { reservation, growthScaled, moreScaled };
}

/** By how much the bound of a node grows with a start beside those who stay. */
export function growthOfStart(site: SiteState, node: number, reservation: Reservation): number {
  return atNode(site, node, reservation).growthWatts;
}

/** By how much the bound of a node grows with a start beside those who stay, and falls with those who are gone by then. */
function atNode(
  site: SiteState,
  node: number,
  { startAtMs, gpusPerNode, capWatts }: Reservation,
): { readonly growthWatts: number; readonly goingWatts: number } {
  const all: HeldGpus[] = [];
  const staying: HeldGpus[] = [];
  for (const attempt of site.attemptsOnNode[node] ?? []) {
    const held = { gpusPerNode: attempt.gpusPerNode, capWatts: capInForce(attempt, node) };
    all.push(held);
    if (holdsUntilMs(attempt) > startAtMs) {
      staying.push(held);
    }
  }
  const stayingWatts = boundWith(site, node, staying);
  return {
    growthWatts: boundWith(site, node, [...staying, { gpusPerNode, capWatts }]) - stayingWatts,
    goingWatts: boundWith(site, node, all) - stayingWatts,
  };
}
