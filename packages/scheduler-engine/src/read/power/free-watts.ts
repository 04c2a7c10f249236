import type { PowerDomain } from "@ertis/site-model";
import { known } from "../../state/assert.ts";
import type { SiteState } from "../../state/site-state.ts";

/**
 * What may still be started in a domain, as a start is asked: below its limit with every supply that is
 * left, below budgets, emergencies and what a planned curtailment leaves. Rounded down, 0 when negative;
 * the domains above limit it, too.
 */
export function freeWatts(site: SiteState, domain: PowerDomain): number {
  const free = freeScaled(site, domain.index);
  const scaled =
    domain.redundancy === "distributed" ? Math.min(free, freeOnSupplies(site, domain)) : free;
  return Math.max(0, Math.floor(scaled / domain.loadScale));
}

/**
 * Where supplies share their spare capacity, each part of the domain hangs on some of them, and after the
 * worst failure none may carry too much: all parts rise alike, each until it or one of its supplies is full.
 */
function freeOnSupplies(site: SiteState, domain: PowerDomain): number {
  const left = new Map<number, number>();
  let rising = (site.children[domain.index] ?? []).map((child): Part => {
    const columns = site.transfersOf?.[child] ?? [];
    columns.forEach((column) => left.set(column, freeScaled(site, column)));
    return { columns, own: freeScaled(site, child) * (site.parentMultiplier[child] ?? 0) };
  });
  let sum = 0;
  let risen = 0;
  for (;;) {
    rising = rising.filter(({ own, columns }) => {
      return own > risen && columns.every((column) => (left.get(column) ?? 0) > leastScaled);
    });
    if (rising.length === 0) {
      return sum;
    }
    const step = nextStep(rising, left, risen);
    for (const { columns } of rising) {
      columns.forEach((column) => left.set(column, (left.get(column) ?? 0) - step));
    }
    sum += step * rising.length;
    risen += step;
  }
}

/** Less is a matter of rounding. */
const leastScaled = 1e-6;

interface Part {
  readonly columns: readonly number[];
  /** What its own limits leave, as its parent counts it. */
  readonly own: number;
}

/** How far all may rise until the first of them, or a supply, is full. */
function nextStep(
  rising: readonly Part[],
  left: ReadonlyMap<number, number>,
  risen: number,
): number {
  const counts = new Map<number, number>();
  for (const { columns } of rising) {
    columns.forEach((column) => counts.set(column, (counts.get(column) ?? 0) + 1));
  }
  let step = Math.min(...rising.map(({ own }) => own - risen));
  for (const [column, count] of counts) {
    step = Math.min(step, (left.get(column) ?? 0) / count);
  }
  return step;
}

function freeScaled(site: SiteState, column: number): number {
  const now = known(site.horizons[0], "the horizon of now");
  return (now.ceiling[column] ?? 0) - (now.load[column] ?? 0);
}
