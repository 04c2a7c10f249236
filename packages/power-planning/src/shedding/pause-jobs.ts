import { atWork } from "./at-work.ts";
import { pointAt } from "../curves/read-curve.ts";
import { roundingScaled } from "../filling/book.ts";
import { lowestCap, pausedSlotsMax } from "./allowances.ts";
import { type Member, type PricedFit, worthOf } from "./priced-fit.ts";

interface PauseOption extends Member {
  readonly at: number;
  readonly price: number;
}

/**
 * Fourth rung: jobs that can write a checkpoint pause, the cheapest first, one after the other: each from
 * the first slot that is still too full, for as long as its tier allows, until no slot is. Who comes back now
 * pauses again only where the others are not enough.
 */
export function pauseInTurn(tried: PricedFit): void {
  const options = pausesOf(tried);
  const isBack = ({ priced }: PauseOption): boolean => priced.job.isPausedNow;
  for (const mayReturn of options.some(isBack) ? [false, true] : [true]) {
    for (const option of options) {
      const last = lastSlotOver(tried);
      if (last === -1) {
        return;
      }
      const first = firstSlotOver(tried);
      const isMeant = mayReturn || first === 0 || !isBack(option);
      if (isMeant && tried.draft.pausedCount[option.priced.index] === 0) {
        pause(tried, option, { first, last });
      }
    }
  }
}

function firstSlotOver({ excess, fit }: PricedFit): number {
  const hair = roundingScaled(fit.room);
  return excess.findIndex((one) => one > hair);
}

/** -1: the domain fits in every slot. */
export function lastSlotOver({ excess, fit }: PricedFit): number {
  const hair = roundingScaled(fit.room);
  return excess.findLastIndex((one) => one > hair);
}

function pause(
  tried: PricedFit,
  { priced, scaled, at }: PauseOption,
  { first, last }: { readonly first: number; readonly last: number },
): void {
  const { draft, excess, fit } = tried;
  const { index, job } = priced;
  const { speed } = pointAt(job.curve, tried.capWatts[at] ?? 0);
  // As long as its cap may stay; if that is nothing, as long as it may at full power.
  const most =
    pausedSlotsMax(fit.problem, draft, job, { speed, fromSlot: first }) ||
    pausedSlotsMax(fit.problem, draft, job, { fromSlot: first });
  const count = Math.min(most, last - first + 1);
  if (count === 0) {
    return;
  }
  draft.pausedFrom[index] = first;
  draft.pausedCount[index] = count;
  const before = priced.watts(tried.capWatts[at] ?? 0);
  const cap = Math.max(
    tried.capWatts[at] ?? 0,
    lowestCap(fit.problem, job, atWork(fit.problem, draft, index)),
  );
  tried.capWatts[at] = cap;
  const more = priced.watts(cap) - before;
  excess.forEach((one, slot) => {
    const isPaused = slot >= first && slot < first + count;
    excess[slot] = one + scaled * (isPaused ? job.idleWatts - before : more);
  });
}

function pausesOf(tried: PricedFit): readonly PauseOption[] {
  const { fit, draft } = tried;
  const options: PauseOption[] = [];
  for (const at of fit.pausing) {
    const member = fit.members[at];
    // Who gave nodes back at this price stays.
    if (member !== undefined && draft.nodeShare[member.priced.index] === 1) {
      const price = member.priced.pausePrice(tried.capWatts[at] ?? 0) * worthOf(member);
      if (Number.isFinite(price) && price <= tried.price) {
        options.push({ ...member, at, price });
      }
    }
  }
  return options.toSorted((a, b) => a.price - b.price || a.priced.index - b.priced.index);
}
