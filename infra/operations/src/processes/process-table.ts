import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { platform } from "node:os";
import { basename } from "node:path";

/** A process that runs. A process id alone is no identity: ids come again. */
export interface RunningProcess {
  readonly pid: number;
  readonly parentPid: number;
  /** Name of the program, without its folder. */
  readonly program: string;
  readonly startedAt: Date;
}

interface Table {
  find(pid: number): RunningProcess | undefined;
  list(): readonly RunningProcess[];
  /** What the process was started with; empty where it may not be read. */
  environment(pid: number): ReadonlyMap<string, string>;
}

/** Ticks a second in /proc: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // It ended, or is somebody else's.
    return "";
  }
}

function bootSeconds(): number {
  const seconds = /^btime (\d+)$/m.exec(readText("/proc/stat"))?.[1];
  return Number(seconds ?? 0);
}

const linuxTable: Table = {
  find(pid) {
    const stat = readText(`/proc/${pid}/stat`);
    // The program's name stands in parentheses and may hold anything; what follows it does not.
    const end = stat.lastIndexOf(")");
    const fields = stat.slice(end + 2).split(" ");
    const [state, parentPid] = fields;
    // A zombie has ended: only its parent has not asked how.
    if (end === -1 || state === undefined || state === "Z" || state === "X") {
      return undefined;
    }
    const startSeconds = bootSeconds() + Number(fields[19] ?? 0) / ticksPerSecond;
    const command = readText(`/proc/${pid}/cmdline`).split("\0")[0] ?? "";
    const shortName = stat.slice(stat.indexOf("(") + 1, end);
    return {
      pid,
      parentPid: Number(parentPid ?? 0),
      program: command === "" ? shortName : basename(command),
      startedAt: new Date(startSeconds * 1000),
    };
  },
  list() {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => linuxTable.find(Number(name)) ?? []);
  },
  environment(pid) {
    return parseEnvironment(readText(`/proc/${pid}/environ`).split("\0"));
  },
};

/** Elsewhere `ps` knows the same. */
const psTable: Table = {
  find(pid) {
    return psTable.list().find((each) => each.pid === pid);
  },
  list() {
    const lines = execFileSync("ps", ["-axo", "pid=,ppid=,stat=,lstart=,comm="], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
    });
    return lines.split("\n").flatMap((line) => {
      const parts = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+ +\S+ +\d+ [\d:]+ \d+)\s+(.*)$/.exec(line);
      const [, pid, parentPid, state = "", startedAt = "", program = ""] = parts ?? [];
      return pid === undefined || state.startsWith("Z")
        ? []
        : {
            pid: Number(pid),
            parentPid: Number(parentPid),
            program: basename(program),
            startedAt: new Date(startedAt),
          };
    });
  },
  environment(pid) {
    const text = execFileSync("ps", ["eww", "-o", "command=", "-p", String(pid)], {
      encoding: "utf8",
    });
    return parseEnvironment(text.split(" "));
  },
};

function parseEnvironment(entries: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    entries.flatMap((entry): (readonly [string, string])[] => {
      const at = entry.indexOf("=");
      return at <= 0 ? [] : [[entry.slice(0, at), entry.slice(at + 1)]];
    }),
  );
}

export const processTable: Table = platform() === "linux" ? linuxTable : psTable;

/** Clocks of process tables count in hundredths, some in whole seconds. */
const startToleranceMs = 2_000;

/** Whether the process that had this id at that moment still runs: not another one that got its id later. */
export function isSameProcess(
  process: RunningProcess | undefined,
  startedAt: Date,
): process is RunningProcess {
  return (
    process !== undefined &&
    Math.abs(process.startedAt.getTime() - startedAt.getTime()) <= startToleranceMs
  );
}
