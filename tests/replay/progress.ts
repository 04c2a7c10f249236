/** Where progress goes: a terminal gets one line that changes, anything else a line now and then. */
export interface ProgressOutput {
  readonly isTTY: boolean;
  write(text: string): void;
}

export interface ProgressStep {
  readonly doneCount: number;
  readonly nowMs: number;
}

export interface Progress {
  report(step: ProgressStep): void;
  /** Ends the changing line. */
  finish(): void;
}

const terminalIntervalMs = 250;
const lineIntervalMs = 10_000;

/** `12,345 of 82,247 jobs (15 %) · 2017-10-09 07:01 · 310 jobs/s · 3 min 46 s left` */
export function progressText(
  { doneCount, nowMs }: ProgressStep,
  totalCount: number,
  elapsedMs: number,
): string {
  const share = Math.floor((doneCount / totalCount) * 100);
  const moment = new Date(nowMs).toISOString().slice(0, 16).replace("T", " ");
  const perSecond = elapsedMs === 0 ? 0 : (doneCount / elapsedMs) * 1_000;
  const left =
    doneCount >= totalCount
      ? "waiting for the last jobs"
      : perSecond === 0
        ? "time left unknown"
        : `${durationText(((totalCount - doneCount) / perSecond) * 1_000)} left`;
  return `${doneCount.toLocaleString("en")} of ${totalCount.toLocaleString("en")} jobs (${share} %) · ${moment} · ${Math.round(perSecond).toLocaleString("en")} jobs/s · ${left}`;
}

export function durationText(elapsedMs: number): string {
  const seconds = Math.round(elapsedMs / 1_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours > 0) {
    return `${hours} h ${minutes % 60} min`;
  }
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

export function createProgress(
  output: ProgressOutput,
  totalCount: number,
  monotonicMs: () => number,
): Progress {
  const beganMs = monotonicMs();
  const intervalMs = output.isTTY ? terminalIntervalMs : lineIntervalMs;
  let shownMs = beganMs;
  let isLineOpen = false;
  return {
    report(step) {
      const nowMs = monotonicMs();
      if (nowMs - shownMs < intervalMs) {
        return;
      }
      shownMs = nowMs;
      const text = `replay: ${progressText(step, totalCount, nowMs - beganMs)}`;
      // Back to the start of the line, and whatever was longer there is erased.
      output.write(output.isTTY ? `\r${text}\u001B[K` : `${text}\n`);
      isLineOpen = output.isTTY;
    },
    finish() {
      if (isLineOpen) {
        output.write("\n");
        isLineOpen = false;
      }
    },
  };
}
