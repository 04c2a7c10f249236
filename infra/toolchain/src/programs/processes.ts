import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** A process beyond doubt: process ids are used again, a start time with them is not. */
export interface ProcessMark {
  readonly pid: number;
  readonly startTime: string;
}

/** Undefined where no such process runs (one that has ended and waits for its parent does not). */
export function markProcess(pid: number): ProcessMark | undefined {
  const startTime = process.platform === "linux" ? startTimeFromProc(pid) : startTimeFromPs(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

export function isRunning(mark: ProcessMark): boolean {
  return markProcess(mark.pid)?.startTime === mark.startTime;
}

/** The command line of a process, its arguments parted by spaces; empty where there is none. */
export function commandLine(pid: number): string {
  try {
    return process.platform === "linux"
      ? readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
      : spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout;
  } catch {
    return "";
  }
}

function startTimeFromProc(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets, and may hold spaces and brackets itself.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state] = fields;
    return state === "Z" || state === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function startTimeFromPs(pid: number): string | undefined {
  const { stdout } = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
    encoding: "utf8",
  });
  const line = stdout.trim();
  return line === "" || line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
}

/**
 * Ends processes at once (SIGKILL) and waits until they are gone: for those whose data goes with them.
 * Resolves with how many were running.
 */
export async function killProcesses(marks: readonly ProcessMark[]): Promise<number> {
  const running = marks.filter(isRunning);
  for (const { pid } of running) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended in between, which is what is wanted.
    }
  }
  while (running.some(isRunning)) {
    await wait(20);
  }
  return running.length;
}
