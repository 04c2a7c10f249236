import { type Instant, instant, toNumber } from "@ertis/quantities";
import { stopGraceMs } from "../limits.ts";
import type { JobNumber, JobSpec } from "../words/job-spec.ts";
import type { Pool, Reservation } from "./site-state.ts";

/** A start that was promised and is not kept any more, though its job still waits for it. */
export interface LostPromise {
  readonly site: string;
  readonly gpuModel: string;
  readonly startAtMs: number;
  readonly holdsUntilMs: number;
  readonly nodeCount: number;
  readonly capWatts: number;
}

/** What is kept for a job in a pool. */
export function reservationIn({ reservations }: Pool, job: JobNumber): Reservation | undefined {
  for (const one of reservations) {
    if (one.job === job) {
      return one;
    }
  }
  return undefined;
}

/** May a job of a class ask for a start of its own: is nothing kept for one of its class or of a higher? */
export function mayReserve(
  { reservations }: Pool,
  job: JobNumber | undefined,
  priority: number,
): boolean {
  for (const one of reservations) {
    if (one.job !== job && one.priority >= priority) {
      return false;
    }
  }
  return true;
}

/** The first start that is kept in a pool for others than a job; Infinity: none is. */
export function firstKeptMs({ reservations }: Pool, job: JobNumber | undefined): number {
  let first = Infinity;
  for (const one of reservations) {
    if (one.job !== job) {
      first = Math.min(first, one.startAtMs);
    }
  }
  return first;
}

/** The mark of a reservation in a pool in which others have one, too. */
export function besideOthers({ reservations }: Pool, job: JobNumber): { readonly isBeside?: true } {
  return reservations.some((one) => one.job !== job) ? { isBeside: true } : {};
}

/** Until when a reservation holds; unsaid, it is for the whole walltime: who goes on after a stop has less left. */
export function heldUntil(
  { walltime }: JobSpec,
  { startAtMs, endsByMs }: { readonly startAtMs: number; readonly endsByMs: number },
): { readonly holdsUntil?: Instant } {
  return endsByMs - startAtMs === toNumber(walltime)
    ? {}
    : { holdsUntil: instant(endsByMs + stopGraceMs) };
}

/** Is a cap lower than another? 0: full power. */
export function isLowerCap(capWatts: number, thanWatts: number): boolean {
  return capWatts !== 0 && (thanWatts === 0 || capWatts < thanWatts);
}

/** Is a start done by the time that a promised one would be? */
export function isDoneInTime(
  { endsByMs }: { readonly endsByMs: number },
  kept: Pick<Reservation, "holdsUntilMs">,
): boolean {
  return endsByMs + stopGraceMs <= kept.holdsUntilMs;
}
