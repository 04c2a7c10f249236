import { stopGraceMs } from "../limits.ts";
import { createHorizon, letGoOf } from "../power/create-horizon.ts";
import { standingCeilingsAt } from "../power/horizons.ts";
import { withTrial } from "../power/what-if/trial.ts";
import type { Horizon, Pool, SiteState } from "../state/site-state.ts";
import type { GangSize } from "./earliest.ts";
import type { FreeMoments } from "./free-moments.ts";
import { HoldingDomains } from "./holding-domains.ts";
import { leanFirst } from "./search.ts";

type FreeOn = Pick<FreeMoments, "nodeCount" | "at">;

/** Whose nodes are looked for, and from when on each is free. */
export interface GangThen {
  readonly pool: Pool;
  readonly gang: GangSize;
  readonly freeAt: FreeOn;
}

/** Nodes for a gang from a moment on, on a ledger of that moment and every known one after it. */
export function nodesIn(
  { pool, gang, freeAt }: GangThen,
  then: Horizon,
): readonly number[] | undefined {
  const { site } = pool;
  const { atMs } = then;
  const untilMs = atMs + gang.walltimeMs + stopGraceMs;
  const later = site.horizons.filter((horizon) => horizon.atMs > atMs);
  const asCapped = then.isCurtailed === undefined ? undefined : asCappedNow(site, then);
  const ledger = [then, ...(asCapped === undefined ? [] : [asCapped]), ...later];
  const inOrder = tryInOrder(pool, ledger, gang, { freeAt, atMs, untilMs });
  const order = pool.isMixed ? leanFirst(pool, gang.gpusPerNode) : undefined;
  const nodes =
    inOrder ?? (order && tryInOrder(pool, ledger, gang, { freeAt, atMs, untilMs, order }));
  if (asCapped !== undefined) {
    letGoOf(site, asCapped);
  }
  return nodes;
}

/**
 * The same moment with every cap as it is: a curtailment leaves jobs as much as its target allows, and need
 * not bring them to the floors at which they count in it. Who is promised a start beside it relies on the rest.
 */
function asCappedNow(site: SiteState, { atMs }: Horizon): Horizon {
  return createHorizon(site, atMs, standingCeilingsAt(site, atMs));
}

interface Moment {
  readonly freeAt: FreeOn;
  readonly atMs: number;
  readonly untilMs: number;
  /** Absent: in order of the site file. */
  readonly order?: readonly number[];
}

function tryInOrder(
  pool: Pool,
  ledger: readonly Horizon[],
  gang: GangSize,
  moment: Moment,
): readonly number[] | undefined {
  const { freeAt, atMs, order } = moment;
  const count = order?.length ?? freeAt.nodeCount;
  const holding = new HoldingDomains(pool, gang, { ledger, untilMs: moment.untilMs });
  const { site } = pool;
  return withTrial(site, ledger, moment.untilMs, (trial) => {
    for (let at = 0; at < count && trial.nodes.length < gang.nodeCount; at += 1) {
      const node = order === undefined ? at : (order[at] ?? -1);
      if (
        holding.mayHoldOn(node) &&
        freeAt.at(node) <= atMs &&
        !isBelowCurtailment(site, ledger, node)
      ) {
        trial.add(node, gang);
      }
    }
    return trial.nodes.length === gang.nodeCount
      ? trial.nodes.toSorted((a, b) => a - b)
      : undefined;
  });
}

/**
 * Below a curtailment nobody is promised a start before all watts are back: what the others draw
 * meanwhile, and who pauses, is decided from measurement to measurement.
 */
function isBelowCurtailment(site: SiteState, [then]: readonly Horizon[], node: number): boolean {
  return then?.isCurtailed?.[site.nodeDomain[node] ?? 0] === 1;
}
