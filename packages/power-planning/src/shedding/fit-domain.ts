import { lowestCap } from "./allowances.ts";
import { lastSlotOver, pauseInTurn } from "./pause-jobs.ts";
import { type DomainFit, type Member, type PricedFit, worthOf } from "./priced-fit.ts";
import { awayPart, isPausedIn } from "./shed-draft.ts";
import { shrinkToFit } from "./shrink-malleable.ts";

/**
 * Finds the lowest price, in weighted speed per watt of the domain, at which the domain fits in every
 * slot when everybody sheds what costs no more: caps fall to their knee at this price, then jobs shrink,
 * then jobs pause, no more of them than it takes. Writes it into the draft.
 */
export function fitDomain(fit: DomainFit): void {
  const free = atPrice(fit, -1);
  if (lastSlotOver(free) === -1) {
    return;
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
  const { draft, members, room } = fit;
  const tried: PricedFit = {
    fit,
    price,
    draft: {
      ...draft,
      nodeShare: draft.nodeShare.slice(),
      pausedFrom: draft.pausedFrom.slice(),
      pausedCount: draft.pausedCount.slice(),
    },
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

/** Adds a member's load to every slot's excess. */
function addExcess(tried: PricedFit, { priced, scaled }: Member, watts: number): void {
  const { draft, excess } = tried;
  const { index, job } = priced;
  const share = draft.nodeShare[index] ?? 1;
  const running = share * watts + (1 - share) * job.idleWatts;
  for (let slot = 0; slot < draft.slotCount; slot += 1) {
    const counted = isPausedIn(draft, index, slot) ? job.idleWatts : running;
    excess[slot] = (excess[slot] ?? 0) + counted * scaled;
  }
}

/** Every price at which something changes, rising. */
function pricesOf({ draft, members }: DomainFit): readonly number[] {
  const prices: number[] = [];
  for (const member of members) {
    const { priced } = member;
    const worth = worthOf(member);
    const caps = [priced.capWatts];
    for (const step of priced.steps) {
      prices.push(step.speedPerWatt * worth);
      caps.push(step.toCapWatts);
    }
    for (const cap of caps) {
      prices.push(priced.pausePrice(draft, cap) * worth, priced.shrinkPrice(cap) * worth);
    }
  }
  const finite = [...new Set(prices)].filter(Number.isFinite).toSorted((a, b) => a - b);
  // Everything that may be shed at all.
  return [...finite, Infinity];
}

function commit(tried: PricedFit): void {
  const { fit, draft, capWatts } = tried;
  fit.draft.nodeShare.set(draft.nodeShare);
  fit.draft.pausedFrom.set(draft.pausedFrom);
  fit.draft.pausedCount.set(draft.pausedCount);
  fit.members.forEach(({ priced }, at) => {
    // Who is paused for a while, or gave nodes back, must be faster in the rest.
    const floor = lowestCap(fit.problem, priced.job, awayPart(fit.problem, draft, priced.index));
    priced.capWatts = Math.max(floor, capWatts[at] ?? floor);
  });
}
