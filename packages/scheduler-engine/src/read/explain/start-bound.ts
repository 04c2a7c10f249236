import { toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../../limits.ts";
import type { GangSize } from "../../placement/earliest.ts";
import { smallestGrowthWatts } from "../../placement/room.ts";
import { sumUp } from "../../power/create-horizon.ts";
import { ceilingWatts, changesOf, isFelt } from "../../power/recovery.ts";
import { budgetsOf } from "../../power/site-budgets.ts";
import { known } from "../../state/assert.ts";
import { nodeAsleep, nodeOff, type Pool, type SiteState } from "../../state/site-state.ts";
import type { PowerBudget } from "../../words/command.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { lowestBudget } from "../../power/budgets.ts";
import { type Endings, endingsOf } from "./endings.ts";

/** Halvings of the time in question before the answer is taken to the next end of an attempt. */
const stepsMax = 6;
/** Windows ahead that are followed one after the other. */
const windowsMax = 8;

const asleep = nodeAsleep | nodeOff;

/**
 * No start before this moment, if everything that runs uses its walltime and nodes stay as they
 * are. Every rule that could err to the later side is relaxed: other jobs and reservations do not
 * count, caps rise at once, every node adds the least that one can add, a confirmation takes no time.
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
  /** Starts of budgets and emergencies, in rising order. */
  readonly starts: readonly number[];
  readonly #pool: Pool;
  readonly #gang: GangSize;
  readonly #endings: Endings;
  readonly #unitWatts: number;
  readonly #moments: readonly number[];
  readonly #budgetsOf: ReadonlyMap<number, readonly PowerBudget[]>;
  readonly #emergenciesOf: ReadonlyMap<number, readonly Curtailment[]>;
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
    // Into a planned one jobs may go by what is measured, which nobody knows ahead.
    const emergencies = site.curtailments.filter(({ mode }) => mode === "emergency");
    this.starts = rising([
      ...budgetsOf(site).map((budget) => toNumber(budget.from)),
      ...emergencies.map(({ start }) => toNumber(start)),
    ]);
    const ends = budgetsOf(site).flatMap((one) => (one.until === undefined ? [] : [one.until]));
    this.#moments = rising([
      ...this.starts,
      ...ends.map(toNumber),
      ...emergencies.flatMap(changesOf),
    ]);
    this.#budgetsOf = byDomain(site, budgetsOf(site));
    this.#emergenciesOf = byDomain(site, emergencies);
    this.#idleLoad = site.fixedScaled.slice(0, site.parent.length);
    this.#idleRoom = new Float64Array(site.parent.length);
    const busy: number[] = [];
    for (let node = 0; node < site.nodeFlags.length; node += 1) {
      if ((site.gpusHeld[node] ?? 0) > 0) {
        busy.push(node);
      } else {
        this.#add(node, { held: 0, cut: 0 }, this.#idleLoad, this.#idleRoom);
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
    const { from, endMs, gpuCount, cutWatts } = this.#endings;
    for (const node of this.#busy) {
      let held = 0;
      let cut = 0;
      const first = from[node] ?? 0;
      for (let at = (from[node + 1] ?? 0) - 1; at >= first && (endMs[at] ?? 0) > atMs; at -= 1) {
        held += gpuCount[at] ?? 0;
        cut += cutWatts[at] ?? 0;
      }
      this.#add(node, { held, cut }, load, room);
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
  #add(
    node: number,
    { held, cut }: { readonly held: number; readonly cut: number },
    load: Float64Array,
    room: Float64Array,
  ): void {
    const { site } = this.#pool;
    const flags = site.nodeFlags[node] ?? 0;
    const domain = site.nodeDomain[node] ?? 0;
    if ((flags & nodeOff) === 0) {
      const watts = Math.max(
        site.nodeBounds[node]?.[0] ?? 0,
        (site.nodeBounds[node]?.[held] ?? 0) - cut,
      );
      load[domain] = (load[domain] ?? 0) + watts * (site.nodeMultiplier[domain] ?? 0);
    }
    const free = (site.nodeGpuCount[node] ?? 0) - held;
    // What is off only to save power comes back by itself, and draws nothing before.
    const isThere = flags === 0 || ((flags & nodeAsleep) !== 0 && (flags & ~asleep) === 0);
    if (isThere && free >= this.#gang.gpusPerNode && site.nodePool[node] === this.#pool) {
      room[domain] = (room[domain] ?? 0) + 1;
    }
  }

  /** Scaled. */
  #ceiling(domain: number, fromMs: number, atMs: number): number {
    const { site } = this.#pool;
    const usable = site.usableScaled[domain] ?? 0;
    const budgets = this.#budgetsOf.get(domain) ?? [];
    const emergencies = this.#emergenciesOf.get(domain) ?? [];
    if (budgets.length === 0 && emergencies.length === 0) {
      return usable;
    }
    const { loadScale, usableWatts } = known(site.site.domains[domain], "domain");
    let best = 0;
    for (const moment of [fromMs, ...this.#moments]) {
      if (moment < fromMs || moment > atMs) {
        continue;
      }
      let watts = toNumber(lowestBudget(budgets, moment)?.ceiling ?? usableWatts);
      for (const one of emergencies) {
        if (isFelt(one, moment)) {
          watts = Math.min(watts, ceilingWatts(one, toNumber(usableWatts), moment));
        }
      }
      best = Math.max(best, watts * loadScale);
    }
    return Math.min(usable, best);
  }
}

function rising(moments: readonly number[]): number[] {
  return [...new Set(moments)].toSorted((a, b) => a - b);
}

function byDomain<One extends { readonly domain: string }>(
  site: SiteState,
  all: readonly One[],
): Map<number, One[]> {
  const found = new Map<number, One[]>();
  for (const one of all) {
    const domain = site.domainIndexById.get(one.domain);
    if (domain !== undefined) {
      found.set(domain, [...(found.get(domain) ?? []), one]);
    }
  }
  return found;
}
