import { toNumber } from "@ertis/quantities";
import { type Event, stopGraceMs } from "@ertis/scheduler-engine";
import type { AttemptRecord } from "./job-record.ts";
import type { World } from "./world.ts";

/** Caps move in steps of so many watts a GPU, and less is not worth an order. */
export const capStepWatts = 10;
/** Speeds of tiers fall between points of curves. */
const speedStep = 0.03;

/** An end that was known ahead. */
export interface KnownEnd {
  readonly askedAtMs: number;
  /** Since when its moment was known. */
  readonly sinceMs: number;
  /** It could have been lowered further before it was asked to stop. */
  readonly isAboveFloor: boolean;
}

/**
 * Ends that the scheduler knew ahead: at a walltime, at a drain's deadline. When each was known, and
 * whether its gang could have drawn less at the end, as far as events alone tell.
 */
export class KnownEnds {
  readonly #drainedAtMs = new Map<string, number>();
  readonly #speedOf = new WeakMap<AttemptRecord, number>();
  readonly #raisedAtMs = new WeakMap<AttemptRecord, number>();
  readonly #ends = new WeakMap<AttemptRecord, KnownEnd>();

  /** Before the world takes the event in. */
  before(event: Event, world: World): void {
    if (event.kind === "nodes-draining") {
      for (const node of event.nodes) {
        this.#drainedAtMs.set(`${event.site} ${node}`, world.nowMs);
      }
    }
    const attempt = "attempt" in event ? world.attemptOf(event.attempt) : undefined;
    if (event.kind === "stop-requested" && attempt !== undefined) {
      const sinceMs = this.#knownSince(event.reason, attempt, world);
      if (sinceMs !== undefined) {
        const isHurried = event.reason === "walltime" && isPressed(attempt, world);
        const isAboveFloor = !isHurried && this.#isAboveFloor(attempt, world);
        this.#ends.set(attempt, { askedAtMs: world.nowMs, sinceMs, isAboveFloor });
      }
    }
    if (event.kind === "cap-set" && attempt !== undefined) {
      const isRaise = event.capWatts === 0 || event.capWatts > attempt.capWatts;
      if (isRaise && attempt.capWatts !== 0) {
        this.#raisedAtMs.set(attempt, world.nowMs);
      }
    }
  }

  after(event: Event, world: World): void {
    if (event.kind === "cap-set" || event.kind === "attempt-started") {
      const attempt = world.attemptOf(event.attempt);
      const timeMs = toNumber(event.endsBy) - world.nowMs;
      if (attempt !== undefined && timeMs > 0) {
        this.#speedOf.set(attempt, attempt.workLeftMs / timeMs);
      }
    }
  }

  /** Of an attempt that is being released; undefined: it ends by surprise, or later than its grace. */
  endOf(attempt: AttemptRecord, nowMs: number): KnownEnd | undefined {
    const end = this.#ends.get(attempt);
    return end !== undefined && nowMs <= end.askedAtMs + stopGraceMs ? end : undefined;
  }

  #knownSince(reason: string, attempt: AttemptRecord, world: World): number | undefined {
    const moved = Math.max(attempt.startedAtMs, this.#raisedAtMs.get(attempt) ?? -Infinity);
    if (reason === "walltime") {
      return moved;
    }
    // Not its owner but a drain cancelled it.
    const isCancelled = world.jobs.get(attempt.job)?.isCancelled === true;
    if (reason !== "drain" && (reason !== "cancelled" || isCancelled)) {
      return undefined;
    }
    const drained = [...attempt.held].map(
      (node) => this.#drainedAtMs.get(`${attempt.site} ${node}`) ?? -Infinity,
    );
    return Math.max(attempt.startedAtMs, ...drained);
  }

  #isAboveFloor(attempt: AttemptRecord, world: World): boolean {
    const book = world.sites.get(attempt.site);
    const spec = world.jobs.get(attempt.job)?.spec;
    const nodeClass = book?.classOf([...attempt.held][0] ?? -1);
    const caps = nodeClass?.gpuCap;
    if (spec === undefined || nodeClass === undefined || caps === undefined) {
      return false;
    }
    // On part of a node whose part use counts as its peak caps take nothing off.
    if (nodeClass.partUse === "peak" && spec.gpusPerNode < nodeClass.gpuCount) {
      return false;
    }
    const cap = attempt.capWatts === 0 ? toNumber(caps.highestWatts) : attempt.capWatts;
    const least = Math.max(toNumber(spec.capMin), toNumber(caps.lowestWatts)) + capStepWatts;
    const part = attempt.nodeCount / spec.nodeCount;
    const speed = (this.#speedOf.get(attempt) ?? 1) / part;
    const slowest = 1 - spec.flexibilityTier / 100 + speedStep;
    return cap > least && speed > slowest;
  }
}

/** A window ahead that counts on the attempt being gone may forbid it to go slower. */
function isPressed({ site }: AttemptRecord, world: World): boolean {
  return (world.sites.get(site)?.planned.size ?? 0) > 0 || world.reservations.size > 0;
}
