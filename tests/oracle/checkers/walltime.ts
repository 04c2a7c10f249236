import { walltimeWarningMs } from "@ertis/scheduler-engine";
import { type Checker, keyText } from "../checker.ts";
import type { AttemptRecord } from "../job-record.ts";

/** More timers than this ring in one tick: the rest is for the next one. */
const timersPerTickMax = 10_000;

/** A walltime is warned of before its end and stopped at its end: never early, never forgotten. */
export function walltimeChecker(): Checker {
  let nextDueMs = Infinity;
  return {
    property: "walltime",
    before(event, { world, report }) {
      if (!("attempt" in event)) {
        return;
      }
      const attempt = world.attemptOf(event.attempt);
      if (attempt === undefined) {
        return;
      }
      if (event.kind === "walltime-warned" && world.nowMs < warningMs(attempt)) {
        report(`${keyText(attempt)} is warned before its time`);
      }
      if (event.kind === "stop-requested" && event.reason === "walltime") {
        if (world.nowMs < attempt.endsByMs) {
          report(`${keyText(attempt)} is stopped ${attempt.endsByMs - world.nowMs} ms early`);
        }
        if (!attempt.isWarned) {
          report(`${keyText(attempt)} is stopped without a warning`);
        }
      }
    },
    after(event, { world }) {
      if (event.kind === "attempt-started" || event.kind === "cap-set") {
        const attempt = world.attemptOf(event.attempt);
        nextDueMs = Math.min(nextDueMs, attempt === undefined ? Infinity : warningMs(attempt));
      }
    },
    entryEnd({ world, entry, report }) {
      const isTick = entry.command.kind === "tick" && entry.events.length < timersPerTickMax;
      if (!isTick || world.nowMs < nextDueMs) {
        return;
      }
      nextDueMs = Infinity;
      for (const attempt of world.running) {
        if (attempt.phase === "stopping") {
          continue;
        }
        if (attempt.endsByMs <= world.nowMs) {
          report(`${keyText(attempt)} runs after its walltime ended at ${attempt.endsByMs} ms`);
        } else if (!attempt.isWarned && warningMs(attempt) <= world.nowMs) {
          report(`${keyText(attempt)} was not warned`);
        } else {
          const dueMs = attempt.isWarned ? attempt.endsByMs : warningMs(attempt);
          nextDueMs = Math.min(nextDueMs, dueMs);
        }
      }
    },
  };
}

function warningMs({ startedAtMs, endsByMs }: AttemptRecord): number {
  return endsByMs - Math.min(walltimeWarningMs, Math.floor((endsByMs - startedAtMs) / 2));
}
