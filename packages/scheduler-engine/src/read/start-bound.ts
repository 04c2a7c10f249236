import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import type { GangSize } from "../placement/earliest.ts";
import { smallestGrowthWatts } from "../placement/search.ts";
import { sumUp } from "../power/ledger.ts";
import { budgetsOf } from "../power/site-budgets.ts";
import { nodeOff, type Pool, type SiteState } from "../state/site-state.ts";
import type { PowerBudget } from "../words/command.ts";
import { lowestBudget } from "./budgets.ts";
import { type Endings, endingsOf } from "./endings.ts";

/** Halvings of the time in question before the answer is taken to the next end of an attempt. */
const stepsMax = 6;
/** Windows ahead that are followed one after the other. */
const windowsMax = 8;

/**
 * No start before this moment, if everything that runs uses its walltime and nodes stay as they
 * are. Every rule that could err to the later side is relaxed: other jobs and reservations do not
 * count, every node adds the least that one can add, a confirmation takes no time.
 *
 * @returns ms since the epoch; undefined when not even the end of all that runs makes room
 */
export function startLowerBoundMs(
  pool: Pool,
  gang: GangSize,
  nowMs: number,
  endings: Endings = endingsOf(pool.site, nowMs),
): number | undefined {
  const question = new Question(pool, gang, endings);
  let bound = earliestFrom(question, nowMs);
  for (let count = 0; count < windowsMax && bound !== undefined; count += 1) {
    const holdsUntilMs = bound + gang.walltimeMs + stopGraceMs;
    const from = bound;
    const dip = question.starts.find(
      (atMs) => atMs > from && atMs < holdsUntilMs && !question.fits(atMs, atMs),
    );
    if (dip === undefined) {
      return bound;
    }
    // Whatever starts before the dip would run into it.
    bound = earliestFrom(question, dip);
  }
  return bound;
}

/** Since ceilings only count at their best so far, what fits once fits ever after. */
function earliestFrom(question: Question, fromMs: number): number | undefined {
  if (question.fits(fromMs, fromMs)) {
    return fromMs;
  }
  const changes = question.changes(fromMs);
  let low = -1;
  let high = changes.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (question.fits(changes[middle] ?? 0, fromMs)) {
      high = middle;
    } else {
      low = middle;
    }
  }
  let found = changes[high];
  let tooEarly = changes[low] ?? fromMs;
  if (found === undefined) {
    return undefined;
  }
  // A window that ends makes room by itself, or something had ended before.
  if (found > question.lastEndMs && !question.fits(found - 1, fromMs)) {
    return found;
  }
  for (let step = 0; step < stepsMax && found - tooEarly > 1; step += 1) {
    const middle: number = Math.floor((tooEarly + found) / 2);
    if (question.fits(middle, fromMs)) {
      found = middle;
    } else {
      tooEarly = middle;
    }
  }
  return Math.min(found, question.nextEndAfter(tooEarly));
}

/** One gang in one pool, asked about many moments. */
class Question {
  /** Starts of budgets, in rising order. */
  readonly starts: readonly number[];
  readonly #pool: Pool;
  readonly #gang: GangSize;
  readonly #endings: Endings;
  readonly #unitWatts: number;
  readonly #moments: readonly number[];
  readonly #budgetsOf: ReadonlyMap<number, readonly PowerBudget[]>;
  /** Nodes that hold something; the others are summed up once. */
  readonly #busy: readonly number[];
  /** Own loads of the domains from nodes that hold nothing, and fixed loads. */
  readonly #idleLoad: Float64Array;
  readonly #idleRoom: Float64Array;

  constructor(pool: Pool, gang: GangSize, endings: Endings) {
    const { site } = pool;
    this.#pool = pool;
    this.#gang = gang;
    this.#endings = endings;
    this.#unitWatts = smallestGrowthWatts({ pool, ...gang });
    this.starts = rising(budgetsOf(site).map((budget) => toNumber(budget.from)));
    const ends = budgetsOf(site).flatMap((one) => (one.until === undefined ? [] : [one.until]));
    this.#moments = rising([...this.starts, ...ends.map(toNumber)]);
    this.#budgetsOf = budgetsByDomain(site);
    this.#idleLoad = site.fixedScaled.slice(0, site.parent.length);
    this.#idleRoom = new Float64Array(site.parent.length);
    const busy: number[] = [];
    for (let node = 0; node < site.nodeFlags.length; node += 1) {
      if ((site.gpusHeld[node] ?? 0) > 0) {
        busy.push(node);
      } else {
        this.#add(node, 0, this.#idleLoad, this.#idleRoom);
      }
    }
    this.#busy = busy;
  }

  /** Moments after `fromMs` between which only ends of attempts matter. */
  changes(fromMs: number): readonly number[] {
    return rising([...this.#moments, this.lastEndMs]).filter((atMs) => atMs > fromMs);
  }

  get lastEndMs(): number {
    return this.#endings.lastMs;
  }

  nextEndAfter(atMs: number): number {
    let next = Infinity;
    for (const end of this.#endings.endMs) {
      if (end > atMs && end < next) {
        next = end;
      }
    }
    return next;
  }

  /** Would the gang have room at a moment, with the best ceilings from `fromMs` to that moment? */
  fits(atMs: number, fromMs: number): boolean {
    const { site } = this.#pool;
    const load = Float64Array.from(this.#idleLoad);
    const room = Float64Array.from(this.#idleRoom);
    const { from, endMs, gpuCount } = this.#endings;
    for (const node of this.#busy) {
      let held = 0;
      const first = from[node] ?? 0;
      for (let at = (from[node + 1] ?? 0) - 1; at >= first && (endMs[at] ?? 0) > atMs; at -= 1) {
        held += gpuCount[at] ?? 0;
      }
      this.#add(node, held, load, room);
    }
    sumUp(site, load);
    for (let domain = load.length - 1; domain >= 0; domain -= 1) {
      const free = this.#ceiling(domain, fromMs, atMs) - (load[domain] ?? 0);
      const unit = this.#unitWatts * (site.scaledPerWattMin[domain] ?? 0);
      const most = free < 0 ? 0 : unit > 0 ? Math.floor(free / unit) : Infinity;
      const nodes = Math.min(room[domain] ?? 0, most);
      const parent = site.parent[domain] ?? -1;
      if (parent >= 0) {
        room[parent] = (room[parent] ?? 0) + nodes;
      } else if (nodes < this.#gang.nodeCount) {
        return false;
      }
    }
    return true;
  }

  /** Adds a node that holds so many GPUs to the own load of its domain, and to the room there. */
  #add(node: number, held: number, load: Float64Array, room: Float64Array): void {
    const { site } = this.#pool;
    const flags = site.nodeFlags[node] ?? 0;
    if ((flags & nodeOff) !== 0) {
      return;
    }
    const domain = site.nodeDomain[node] ?? 0;
    const watts = site.nodeBounds[node]?.[held] ?? 0;
    load[domain] = (load[domain] ?? 0) + watts * (site.nodeMultiplier[domain] ?? 0);
    const free = (site.nodeGpuCount[node] ?? 0) - held;
    if (flags === 0 && free >= this.#gang.gpusPerNode && site.nodePool[node] === this.#pool) {
      room[domain] = (room[domain] ?? 0) + 1;
    }
  }

  /** Scaled. */
  #ceiling(domain: number, fromMs: number, atMs: number): number {
    const { site } = this.#pool;
    const usable = site.usableScaled[domain] ?? 0;
    const budgets = this.#budgetsOf.get(domain);
    if (budgets === undefined) {
      return usable;
    }
    const scale = site.site.domains[domain]?.loadScale ?? 1;
    let best = 0;
    for (const moment of [fromMs, ...this.#moments]) {
      if (moment < fromMs || moment > atMs) {
        continue;
      }
      const lowest = lowestBudget(budgets, moment);
      best = Math.max(best, lowest === undefined ? Infinity : toNumber(lowest.ceiling) * scale);
    }
    return Math.min(usable, best);
  }
}

function rising(moments: readonly number[]): number[] {
  return [...new Set(moments)].toSorted((a, b) => a - b);
}

function budgetsByDomain(site: SiteState): Map<number, PowerBudget[]> {
  const byDomain = new Map<number, PowerBudget[]>();
  for (const budget of budgetsOf(site)) {
    const domain = site.domainIndexById.get(budget.domain);
    if (domain !== undefined) {
      byDomain.set(domain, [...(byDomain.get(domain) ?? []), budget]);
    }
  }
  return byDomain;
}
