import { atWork } from "./at-work.ts";
import { fewestNodes, lowestCap } from "./allowances.ts";
import { type Member, type PricedFit, worthOf } from "./priced-fit.ts";

interface Shrink extends Member {
  readonly at: number;
  readonly price: number;
}

/**
 * Third rung: jobs that run with fewer nodes, too, give nodes back for the whole event, the cheapest
 * first, as many as it takes. The nodes idle then.
 */
export function shrinkToFit(tried: PricedFit): void {
  for (const one of shrinksOf(tried)) {
    const most = tried.excess.reduce((worst, excess) => Math.max(worst, excess), 0);
    if (most <= 0) {
      return;
    }
    shrink(tried, one, most);
  }
}

function shrink(tried: PricedFit, { priced, scaled, at }: Shrink, most: number): void {
  const { problem } = tried.fit;
  const { job, index } = priced;
  const cap = tried.capWatts[at] ?? 0;
  const before = priced.watts(cap);
  const freedByOne = ((before - job.idleWatts) * scaled) / job.nodeCount;
  const wanted = Math.ceil(most / freedByOne - 1e-9);
  // As far as it may at full power, and its cap rises as its tier then asks: a low cap leaves few nodes to give,
  // and a little more to shed would turn many nodes into caps, which are dearer at this price.
  const given = Math.min(wanted, job.nodeCount - fewestNodes(problem, job));
  const share = (job.nodeCount - given) / job.nodeCount;
  tried.draft.nodeShare[index] = share;
  const raised = Math.max(cap, lowestCap(problem, job, atWork(problem, tried.draft, index)));
  tried.capWatts[at] = raised;
  const after = share * priced.watts(raised) + (1 - share) * job.idleWatts;
  tried.excess.forEach((excess, slot) => {
    tried.excess[slot] = excess + (after - before) * scaled;
  });
}

function shrinksOf({ fit, price: most, capWatts }: PricedFit): readonly Shrink[] {
  const shrinks: Shrink[] = [];
  for (const at of fit.shrinking) {
    const member = fit.members[at];
    if (member !== undefined) {
      const price = member.priced.shrinkPrice(capWatts[at] ?? 0) * worthOf(member);
      if (Number.isFinite(price) && price <= most) {
        shrinks.push({ ...member, at, price });
      }
    }
  }
  return shrinks.toSorted((a, b) => a.price - b.price || a.priced.index - b.priced.index);
}
