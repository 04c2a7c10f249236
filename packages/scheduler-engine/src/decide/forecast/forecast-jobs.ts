import { type Instant, instant, toNumber } from "@ertis/quantities";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { JobNumber } from "../../words/job-spec.ts";
import { isMoreThan } from "./broken-tiers.ts";
import { longestOf, type Out } from "./forecast-outs.ts";
import type { RestOf } from "./forecast-rest.ts";
import { type Course, heldCaps } from "./held-caps.ts";
import { lostIn } from "./lost-in.ts";

/** What a curtailment would do to one job. */
export interface JobForecast {
  readonly job: JobNumber;
  readonly task: number;
  readonly tierPercent: number;
  readonly effect: "untouched" | "capped" | "shrunk" | "paused";
  /** The lowest that it is held at; 0: not capped. */
  readonly capWatts: number;
  /** Nodes that it goes on with. */
  readonly nodeCount: number;
  /** The longest, from the start of its checkpoint, which may be before that of the curtailment, until it works again. */
  readonly pause: { readonly from: Instant; readonly until: Instant } | undefined;
  /** Part of full throughput lost, averaged over the event. */
  readonly lossPercent: number;
  /** More than its tier tolerates, though its floor is not given up: until nodes are off caps alone hold the target. */
  readonly isTierBroken: boolean;
  /** Something happens to it, and as much would without the curtailment, by others that are in force at its start. */
  readonly isAnyway: boolean;
}

interface BesideOthers {
  /** What is asked of jobs once the first of those that are planned together is over. */
  readonly rest: ReadonlyMap<TaskId, RestOf>;
  /** All pauses. */
  readonly outs: ReadonlyMap<TaskId, readonly Out[]>;
  /** By position: others take as much without it. */
  readonly isAnyway: (position: number) => boolean;
}

/** What it does to each of those that are planned, by position. */
export function jobForecasts(
  course: Course,
  { rest, outs, isAnyway }: BesideOthers,
): readonly JobForecast[] {
  const { curtailment, described, plan } = course;
  const lengthMs = lengthOf(curtailment);
  const startMs = toNumber(curtailment.start);
  const shrinks = new Map(plan.shrinks.map(({ id, nodeCount }) => [id, nodeCount]));
  const heldAt = heldCaps(course);
  return described.members.map(({ shed, job, task }, index) => {
    const top = shed.curve.points.at(-1)?.capWatts ?? 0;
    const id = taskIdOf({ job: job.number, task });
    const later = rest.get(id);
    const pause = longestOf(outs.get(id));
    const kept = shrinks.get(shed.id);
    const held = heldAt(shed);
    // What jobs have lost to the others of a common plan, or may lose to them later, is no loss of this one.
    const plannedMs = (plan.losses[index]?.lostMs ?? 0) + (later?.lostMs ?? 0);
    const lostMs = lostIn(curtailment, shed, { plannedMs, moreMs: held.lostMoreMs });
    const caps = [held.capWatts, later?.capWatts ?? 0].filter((cap) => cap > 0 && cap < top);
    const capWatts = Math.min(top, ...caps);
    const isCapped = caps.length > 0;
    const running = kept === undefined ? (isCapped ? "capped" : "untouched") : "shrunk";
    const effect = pause === undefined ? running : "paused";
    return {
      job: job.number,
      task,
      tierPercent: job.spec.flexibilityTier,
      effect,
      capWatts: isCapped ? Math.floor(capWatts) : 0,
      nodeCount: kept ?? shed.nodeCount,
      pause: pause && {
        from: instant(startMs + pause.fromMs),
        until: instant(startMs + pause.untilMs),
      },
      lossPercent: Math.round((lostMs / lengthMs) * 10_000) / 100,
      isTierBroken: isMoreThan(curtailment, shed.tierLossMax, lostMs),
      isAnyway: effect !== "untouched" && (later?.lostMs ?? 0) <= 0 && isAnyway(index),
    };
  });
}

export function lengthOf({ start, end }: Curtailment): number {
  return toNumber(end) - toNumber(start);
}
