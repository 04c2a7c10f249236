import { toNumber } from "@ertis/quantities";
import type { AttemptKey, CapAcknowledged, CapSet } from "@ertis/scheduler-engine";
import type { AttemptRecord } from "./job-record.ts";
import type { World } from "./world.ts";

/** Full-speed time left at a moment, had it gone on evenly until its end. */
export function workLeftAt(attempt: AttemptRecord, nowMs: number): number {
  const { workAtMs, endsByMs, workLeftMs } = attempt;
  const timeMs = endsByMs - workAtMs;
  return timeMs <= 0 ? 0 : (workLeftMs * Math.max(0, endsByMs - nowMs)) / timeMs;
}

/** A node may follow any order from the last it answered on. */
export function applyCap(world: World, event: CapSet | CapAcknowledged): void {
  const attempt = world.attemptOf(event.attempt);
  const site = world.sites.get(attempt?.site ?? "");
  if (attempt === undefined || site === undefined) {
    return;
  }
  if (event.kind === "cap-set") {
    attempt.workLeftMs = workLeftAt(attempt, world.nowMs);
    attempt.workAtMs = world.nowMs;
    attempt.endsByMs = toNumber(event.endsBy);
  }
  const isOrder = event.kind === "cap-set";
  const named = isOrder || event.nodes.length === 0 ? attempt.held : event.nodes;
  for (const node of named) {
    const record = site.nodes[node];
    const before = record?.possibleCaps.get(attempt) ?? [attempt.capWatts];
    record?.possibleCaps.set(attempt, isOrder ? [...before, event.capWatts] : [event.capWatts]);
  }
  if (isOrder) {
    attempt.capWatts = event.capWatts;
    attempt.capOrder += 1;
  }
  for (const node of attempt.held) {
    site.touch(node);
  }
}

/** What it did until it was asked to stop is done for good. */
export function applyCheckpoint(world: World, key: AttemptKey): void {
  const attempt = world.attemptOf(key);
  const task = world.taskOf(key);
  const spec = world.jobs.get(key.job)?.spec;
  if (attempt === undefined || task === undefined || spec === undefined) {
    return;
  }
  const restoreMs =
    task.workDoneMs === 0 || spec.checkpoint === undefined ? 0 : toNumber(spec.checkpoint.restore);
  const doneMs = Math.floor(attempt.workGrantedMs - attempt.workLeftMs);
  task.workDoneMs += Math.max(0, doneMs - restoreMs);
}
