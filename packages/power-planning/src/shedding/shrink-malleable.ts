import { fewestNodes } from "./allowances.ts";
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
  const { problem } = tried.fit;
  for (const { priced, scaled, at } of shrinksOf(tried)) {
    const most = tried.excess.reduce((worst, excess) => Math.max(worst, excess), 0);
    if (most <= 0) {
      return;
    }
    const { job, index } = priced;
    const freedByOne =
      ((priced.watts(tried.capWatts[at] ?? 0) - job.idleWatts) * scaled) / job.nodeCount;
    const wanted = Math.ceil(most / freedByOne - 1e-9);
    const given = Math.min(wanted, job.nodeCount - fewestNodes(problem, job));
    tried.draft.nodeShare[index] = (job.nodeCount - given) / job.nodeCount;
    tried.excess.forEach((excess, slot) => {
      tried.excess[slot] = excess - given * freedByOne;
    });
  }
}

function shrinksOf(tried: PricedFit): readonly Shrink[] {
  const { fit, draft } = tried;
  const shrinks: Shrink[] = [];
  fit.members.forEach((member, at) => {
    const { index, job } = member.priced;
    if (
      job.nodeCountMin >= job.nodeCount ||
      draft.nodeShare[index] !== 1 ||
      draft.pausedCount[index] !== 0 ||
      fit.spared.has(index)
    ) {
      return;
    }
    const price = member.priced.shrinkPrice(tried.capWatts[at] ?? 0) * worthOf(member);
    if (Number.isFinite(price) && price <= tried.price) {
      shrinks.push({ ...member, at, price });
    }
  });
  return shrinks.toSorted((a, b) => a.price - b.price || a.priced.index - b.priced.index);
}
