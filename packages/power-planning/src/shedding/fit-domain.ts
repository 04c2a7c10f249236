import { atWork } from "./at-work.ts";
import { lowestCap } from "./allowances.ts";
import { manyJobs } from "./many-jobs.ts";
import { lastSlotOver, pauseInTurn } from "./pause-jobs.ts";
import { type DomainFit, type Member, type PricedFit, worthOf } from "./priced-fit.ts";
import type { PricedJob } from "./priced-job.ts";
import { isPausedIn, type ShedDraft } from "./shed-draft.ts";
import { shrinkToFit } from "./shrink-malleable.ts";
import { countWork } from "./work.ts";

/**
 * Finds the lowest price, in weighted speed per watt of the domain, at which the domain fits in every
 * slot when everybody sheds what costs no more: caps fall as far as the price goes, then jobs shrink,
 * then jobs pause, no more of them than it takes. Writes it into the draft.
 */
export function fitDomain(fit: DomainFit): void {
  if (!fit.isAnyPrice && lastSlotOver(atPrice(fit, -1)) === -1) {
    return;
  }
  // Where caps alone move, no price lowers more than the highest. Where jobs pause, a lower one may fit
  // where that does not (who is faster may pause for longer): of many jobs nobody asks for it.
  const doCapsAloneMove = fit.pausing.length + fit.shrinking.length === 0;
  if (fit.isAnyPrice || doCapsAloneMove) {
    const dearest = atPrice(fit, Infinity);
    const isFitting = lastSlotOver(dearest) === -1;
    if (isFitting ? fit.isAnyPrice : doCapsAloneMove || fit.members.length > manyJobs) {
      commit(dearest);
      return;
    }
  }
  const prices = pricesOf(fit);
  let low = 0;
  let high = prices.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (lastSlotOver(atPrice(fit, prices[middle] ?? Infinity)) === -1) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  commit(atPrice(fit, prices[high] ?? Infinity));
}

function atPrice(fit: DomainFit, price: number): PricedFit {
  const { draft, scratch, members, room } = fit;
  countWork(members.length);
  copyMembers(draft, scratch, members);
  const tried: PricedFit = {
    fit,
    price,
    draft: scratch,
    capWatts: new Float64Array(members.length),
    excess: new Float64Array(draft.slotCount).fill(-room),
  };
  members.forEach((member, at) => {
    const cap = member.priced.capAt(price / worthOf(member));
    tried.capWatts[at] = cap;
    addExcess(tried, member, member.priced.watts(cap));
  });
  if (lastSlotOver(tried) !== -1) {
    shrinkToFit(tried);
    pauseInTurn(tried);
  }
  return tried;
}

/** Of a whole site a rack has few members: whole drafts are not copied for it. */
function copyMembers(from: ShedDraft, to: ShedDraft, members: readonly Member[]): void {
  for (const { priced } of members) {
    const { index } = priced;
    to.nodeShare[index] = from.nodeShare[index] ?? 1;
    to.pausedFrom[index] = from.pausedFrom[index] ?? 0;
    to.pausedCount[index] = from.pausedCount[index] ?? 0;
  }
}

/** Adds a member's load to every slot's excess. */
function addExcess(tried: PricedFit, { priced, scaled }: Member, watts: number): void {
  const { draft, excess } = tried;
  const { index, job } = priced;
  const share = draft.nodeShare[index] ?? 1;
  const running = (share * watts + (1 - share) * job.idleWatts) * scaled;
  const idle = job.idleWatts * scaled;
  const isPaused = (draft.pausedCount[index] ?? 0) > 0;
  for (let slot = 0; slot < draft.slotCount; slot += 1) {
    excess[slot] =
      (excess[slot] ?? 0) + (isPaused && isPausedIn(draft, index, slot) ? idle : running);
  }
}

/** Every price at which something changes, rising. */
function pricesOf({ members }: DomainFit): Float64Array {
  const prices: number[] = [];
  for (const member of members) {
    const { priced } = member;
    const worth = worthOf(member);
    pushPrices(prices, priced, priced.capWatts, worth);
    for (const step of priced.steps) {
      prices.push(step.speedPerWatt * worth);
      pushPrices(prices, priced, step.toCapWatts, worth);
    }
  }
  // Everything that may be shed at all.
  prices.push(Infinity);
  const rising = Float64Array.from(prices).toSorted();
  return rising.filter((price, at) => price !== rising[at - 1]);
}

function pushPrices(prices: number[], priced: PricedJob, capWatts: number, worth: number): void {
  if (priced.mayPause) {
    prices.push(priced.pausePrice(capWatts) * worth);
  }
  if (priced.mayShrink) {
    prices.push(priced.shrinkPrice(capWatts) * worth);
  }
}

function commit(tried: PricedFit): void {
  const { fit, draft, capWatts } = tried;
  copyMembers(draft, fit.draft, fit.members);
  fit.members.forEach(({ priced }, at) => {
    // Who is paused for a while, or gave nodes back, must be faster in the rest.
    const floor = lowestCap(fit.problem, priced.job, atWork(fit.problem, draft, priced.index));
    priced.capWatts = Math.max(floor, capWatts[at] ?? floor);
  });
}
