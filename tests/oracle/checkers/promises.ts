import { toNumber } from "@ertis/quantities";
import { acknowledgeMs, type Event, stopGraceMs } from "@ertis/scheduler-engine";
import type { Checker, Moment } from "../checker.ts";
import { isStartable } from "../job-record.ts";
import type { World } from "../world.ts";

/** A pass that lets go of something ends, and others follow at once. */
const passesMsMax = 1_000;
/** Where nobody makes a pass for longer than that, a start that is due is not the promised one any more. */
const latestAskMs = 600_000;

interface Promised {
  readonly job: number;
  readonly startAtMs: number;
  readonly capWatts: number;
  /** When a pass first could have started it in time. */
  askedAtMs: number | undefined;
}

/**
 * A job starts no later than it was promised first, and is not held to a lower cap than was kept for it.
 * What lets a promise go: a failure (a node that is lost, cordoned, off or late to answer, an attempt
 * that has outstayed its walltime and grace), a ceiling set or a site edited after the promise, whoever
 * holds, cancels or preempts, and accounts set anew. A job of a higher class waits.
 *
 * It also judges histories in which nodes are silent and nobody makes a pass for hours, so it lets every promise go where one
 * may have to. Where clusters answer, `kept-promises.ts` is stricter.
 */
export function promiseChecker(): Checker {
  const promised = new Map<number, Promised>();
  return {
    property: "promises",
    after(event, moment) {
      switch (event.kind) {
        case "reservation-made": {
          // A squeeze hopes for an earlier start; what was promised first still stands.
          if (!promised.has(event.job)) {
            const capWatts = event.capWatts ?? 0;
            const startAtMs = toNumber(event.startAt);
            promised.set(event.job, { job: event.job, startAtMs, capWatts, askedAtMs: undefined });
          }
          return;
        }
        case "attempt-started":
          checkStart(promised.get(event.attempt.job), event, moment);
          promised.delete(event.attempt.job);
          return;
        case "jobs-held":
        case "jobs-cancelled":
          for (const job of event.jobs) {
            promised.delete(job);
          }
          return;
        default:
          if (isShock(event)) {
            promised.clear();
          }
      }
    },
    entryEnd(moment) {
      const { world, entry } = moment;
      if (promised.size === 0) {
        return;
      }
      if (isLate(world)) {
        promised.clear();
      }
      for (const one of promised.values()) {
        const record = world.jobs.get(one.job);
        // Asked so late, it would end later than was promised, maybe in a window that has no room for it.
        const isAskedLate =
          one.askedAtMs === undefined && world.nowMs > one.startAtMs + latestAskMs;
        if (record === undefined || !isStartable(record) || isAskedLate) {
          promised.delete(one.job);
        } else if (one.startAtMs <= world.nowMs && entry.command.kind === "place") {
          one.askedAtMs ??= world.nowMs;
        }
        if (one.askedAtMs !== undefined && world.nowMs > one.askedAtMs + passesMsMax) {
          promised.delete(one.job);
          moment.report(
            `job ${one.job} was promised a start at ${one.startAtMs} ms and did not get it`,
          );
        }
      }
    },
  };
}

/** What nobody could know when a start was promised. */
function isShock(event: Event): boolean {
  switch (event.kind) {
    case "node-lost":
    case "node-powered-off":
    case "nodes-cordoned":
    case "nodes-draining":
    case "node-sleep-requested":
    case "budget-set":
    case "site-registered":
    case "site-away":
    case "curtailment-scheduled":
    case "curtailment-cancelled":
    case "supply-lost":
    case "accounts-set":
      return true;
    case "stop-requested":
      return event.reason === "preemption";
    default:
      return false;
  }
}

/** Something that plans counted on did not happen: nodes are still held, or an order not answered. */
function isLate(world: World): boolean {
  for (const { tasks } of world.jobs.values()) {
    for (const { attempt } of tasks.values()) {
      if (attempt === undefined || attempt.held.size === 0) {
        continue;
      }
      const isUnanswered = [...attempt.held].some(
        (node) =>
          (world.sites.get(attempt.site)?.nodes[node]?.possibleCaps.get(attempt)?.length ?? 0) > 1,
      );
      if (
        world.nowMs >= attempt.endsByMs + stopGraceMs ||
        (isUnanswered && world.nowMs > attempt.workAtMs + acknowledgeMs)
      ) {
        return true;
      }
    }
  }
  return false;
}

function checkStart(
  promise: Promised | undefined,
  event: Extract<Event, { readonly kind: "attempt-started" }>,
  { world, report }: Moment,
): void {
  if (promise === undefined || world.nowMs < promise.startAtMs) {
    return;
  }
  const { capWatts } = event.placement;
  if (capWatts !== 0 && (promise.capWatts === 0 || capWatts < promise.capWatts)) {
    report(
      `job ${promise.job} was promised ${promise.capWatts} W a GPU and starts at ${capWatts} W`,
    );
  }
}
