import type { RunProgress } from "@ertis/simulator";
import { showDuration } from "../output/format.ts";
import type { Terminal } from "../terminal/terminal.ts";

export interface ProgressLine {
  tell(progress: RunProgress): void;
  close(): void;
}

/** Short runs say nothing. */
const quietMs = 2_000;
const everyMs = 500;
/** Where nobody can overwrite a line, one now and then. */
const everyMsInLogs = 15_000;

/** Tells on standard error how far a run is, how fast it goes and how long it will take. */
export function createProgress({ stderr, nowMs }: Terminal, title: string): ProgressLine {
  const beganMs = nowMs();
  let toldMs = beganMs + quietMs - everyMs;
  let wasTold = false;
  return {
    tell(progress) {
      const now = nowMs();
      if (now - toldMs < (stderr.isTty ? everyMs : everyMsInLogs)) {
        return;
      }
      toldMs = now;
      wasTold = true;
      const line = `${title}: ${progressText(progress, now - beganMs)}`;
      stderr.write(
        stderr.isTty ? `\r\u001B[K${line.slice(0, (stderr.columns() ?? 80) - 1)}` : `${line}\n`,
      );
    },
    close() {
      if (wasTold && stderr.isTty) {
        stderr.write("\r\u001B[K");
      }
    },
  };
}

function progressText(
  { submittedCount, finishedCount, jobCount, nowMs }: RunProgress,
  elapsedMs: number,
): string {
  const part = jobCount === 0 ? 1 : (submittedCount + finishedCount) / (2 * jobCount);
  const rate = Math.round((finishedCount * 1_000) / Math.max(1, elapsedMs));
  const leftMs = part > 0 ? (elapsedMs * (1 - part)) / part : 0;
  const moment = new Date(nowMs).toISOString().slice(0, 16).replace("T", " ");
  const left = `about ${showDuration(Math.ceil(leftMs / 1_000) * 1_000)} left`;
  // A narrow terminal cuts the end off.
  return `${left}, ${finishedCount} of ${jobCount} jobs, ${rate} jobs/s, at ${moment}`;
}
