import type { Capacity, Holding } from "./usage.ts";

/** What an account may hold at once; of its children together. */
export interface HoldingQuota {
  /** Its own at any time. */
  readonly guaranteed: Capacity;
  /** With what it may borrow; Infinity: no bound. */
  readonly most: Capacity;
}

export type QuotaResource = "gpus" | "watts";

export interface QuotaExcess {
  readonly resource: QuotaResource;
  readonly held: number;
  readonly needed: number;
  readonly most: number;
}

/**
 * Watts that count before anything more is given. A cap may have been lowered since the start, and
 * the attempt is to get its watts back; or raised, and then those are in force.
 */
function countedWatts({ reservedWatts, admittedWatts }: Holding): number {
  return Math.max(reservedWatts, admittedWatts);
}

/** Would something more be over what an account may hold? The first resource that is. */
export function quotaExcess(
  held: Holding,
  more: Holding,
  quota: HoldingQuota,
): QuotaExcess | undefined {
  if (held.gpuCount + more.gpuCount > quota.most.gpuCount) {
    return {
      resource: "gpus",
      held: held.gpuCount,
      needed: more.gpuCount,
      most: quota.most.gpuCount,
    };
  }
  const heldWatts = countedWatts(held);
  return heldWatts + more.reservedWatts > quota.most.watts
    ? {
        resource: "watts",
        held: heldWatts,
        needed: more.reservedWatts,
        most: quota.most.watts,
      }
    : undefined;
}

/** Is this much still its own? Only what has a guarantee in both resources is. */
export function isWithinGuarantee(held: Holding, more: Holding, quota: HoldingQuota): boolean {
  return (
    held.gpuCount + more.gpuCount <= quota.guaranteed.gpuCount &&
    countedWatts(held) + more.reservedWatts <= quota.guaranteed.watts
  );
}

/**
 * Is this much of what it holds borrowed, so that others may ask for it back? All of it, or none:
 * without it the account still has all the GPUs, or all the watts, that are its own. Watts that a
 * raised cap added do not count: they are taken back by lowering it, and nobody has to stop.
 */
export function isBorrowed(held: Holding, less: Holding, quota: HoldingQuota | undefined): boolean {
  return (
    quota === undefined ||
    held.gpuCount - less.gpuCount >= quota.guaranteed.gpuCount ||
    held.admittedWatts - less.admittedWatts >= quota.guaranteed.watts
  );
}

/**
 * How much of its guarantee an account holds, the larger part of both, 0 to below 1; undefined: it
 * has none, or holds all of it.
 */
export function guaranteeShare(held: Holding, quota: HoldingQuota): number | undefined {
  const { gpuCount, watts } = quota.guaranteed;
  const share = Math.max(partOf(held.gpuCount, gpuCount), partOf(countedWatts(held), watts));
  return share < 1 ? share : undefined;
}

function partOf(held: number, whole: number): number {
  return whole <= 0 ? 1 : held / whole;
}
