import { instant, milliseconds, watts } from "@ertis/quantities";
import type { JobSpec, SubmitItem } from "@ertis/scheduler-engine";
import { plainSpecWith } from "../plain-spec.ts";
import type { Drive } from "./drive.ts";
import type { SubmitWish } from "./step.ts";

const minuteMs = 60_000;

/** A site by its place in a random choice; past the last one it is one that nobody knows. */
export function siteAt(drive: Drive, pick: number): string {
  const ids = [...drive.engine.state.sites.keys(), "elsewhere"];
  return ids[pick] ?? "elsewhere";
}

export function nodeCountAt(drive: Drive, pick: number): number {
  return drive.oracle.world.sites.get(siteAt(drive, pick))?.nodes.length ?? 0;
}

/** The next item of a random submission, or one that was sent before. */
export function itemOf(drive: Drive, wish: SubmitWish): SubmitItem {
  const repeated = wish.repeat && drive.requests[wish.repeat.pick % drive.requests.length];
  if (wish.repeat !== undefined && repeated !== undefined) {
    return { ...repeated, bodyHash: repeated.bodyHash + (wish.repeat.isSameBody ? 0 : 1) };
  }
  const count = drive.requests.length + 1;
  const item: SubmitItem = {
    requestId: `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`,
    bodyHash: count * 7,
    spec: specOf(drive, wish),
  };
  drive.requests.push(item);
  return item;
}

function specOf(drive: Drive, wish: SubmitWish): JobSpec {
  const jobs = drive.oracle.world.nextJob;
  return plainSpecWith({
    name: "test",
    project: "test",
    nodeCount: wish.nodeCount,
    nodeCountMin: Math.max(1, wish.nodeCount - wish.nodesLess),
    gpusPerNode: wish.gpusPerNode,
    gpuModel: wish.gpuModel,
    site: wish.sitePick === 0 ? "" : siteAt(drive, wish.sitePick - 1),
    walltime: milliseconds(wish.walltimeMinutes * minuteMs),
    walltimeMin: milliseconds((wish.walltimeMinutes * minuteMs * wish.walltimePercent) / 100),
    flexibilityTier: wish.flexibilityTier,
    workloadClass: wish.workloadClass,
    capMin: watts(wish.capMinWatts),
    ...(wish.hasCheckpoint
      ? { checkpoint: { save: milliseconds(30_000), restore: milliseconds(minuteMs) } }
      : {}),
    priorityClass: wish.priorityClass,
    ...(wish.beginInMinutes === undefined
      ? {}
      : { beginAt: instant(drive.nowMs + wish.beginInMinutes * minuteMs) }),
    dependencies: wish.dependencies.map(({ pick, condition }) => ({
      job: 1 + (pick % 20 === 0 ? pick : Math.max(0, jobs - 2 - (pick % 8))),
      condition,
    })),
    taskCount: wish.taskCount,
    taskThrottle: wish.taskThrottle,
    retry: { maxRetries: wish.maxRetries, categories: ["application", "walltime"] },
    isHeld: wish.isHeld,
  });
}
