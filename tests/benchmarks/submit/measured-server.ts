import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { diskFlushCount } from "../machine.ts";

const program = fileURLToPath(new URL("../../../apps/scheduler/src/main.ts", import.meta.url));
const siteFile = fileURLToPath(new URL("../../../infra/sites/pavlodar-hub.yaml", import.meta.url));
/** USER_HZ of Linux. */
const ticksPerSecond = 100;

export interface ServerSetup {
  /** Where the log goes; a directory of its own is made in it. */
  readonly base: string;
  readonly seed: number;
  /** Where a profile of the server's main thread is left; empty: none is made. */
  readonly profileDirectory: string;
  /** Megabytes of the log after which a snapshot is made; undefined: as the server ships. */
  readonly snapshotMegabytes: number | undefined;
  readonly heapMegabytes: number;
}

/** What a run cost the server. */
export interface ServerUse {
  readonly mainThreadMs: number;
  /** Of the log's worker thread. */
  readonly logThreadMs: number;
  /** All of its threads, with the collector's and the compiler's. */
  readonly processMs: number;
  readonly flushCount: number;
  readonly residentMegabytes: number;
  readonly peakMegabytes: number;
}

/**
 * The server as people start it: its program, a configuration file, the built hub, its log on disk,
 * one simulated cluster in its process, placement on. What differs from the defaults: calls a second
 * and unfinished jobs are allowed without bound, because the benchmark itself is the stranger that
 * these limits keep out.
 */
export class MeasuredServer {
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #directory: string;
  readonly #lines: readonly string[];

  private constructor(
    child: ChildProcess,
    directory: string,
    found: readonly [string, readonly string[]],
  ) {
    this.#child = child;
    this.#directory = directory;
    [this.address, this.#lines] = found;
  }

  static async start(setup: ServerSetup): Promise<MeasuredServer> {
    const directory = mkdtempSync(join(setup.base, "ertis-submit-"));
    const configFile = join(directory, "ertis.yaml");
    writeFileSync(configFile, JSON.stringify(configOf(setup)));
    const profile =
      setup.profileDirectory === ""
        ? []
        : ["--cpu-prof", `--cpu-prof-dir=${setup.profileDirectory}`, "--cpu-prof-interval=500"];
    const child = spawn(
      process.execPath,
      [
        `--max-old-space-size=${setup.heapMegabytes}`,
        ...profile,
        program,
        "--config",
        configFile,
        "--insecure-no-auth",
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    const lines: string[] = [];
    const serving = Promise.withResolvers<string>();
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        const address = /^serving on (.+)$/u.exec(line)?.[1];
        if (address !== undefined) {
          serving.resolve(address);
        }
      });
    }
    child.once("close", () =>
      serving.reject(new Error(`the server ended before it served:\n${lines.join("\n")}`)),
    );
    return new MeasuredServer(child, directory, [await serving.promise, lines]);
  }

  /** Everything it wrote. */
  get said(): string {
    return this.#lines.join("\n");
  }

  /** Use up to now. */
  use(): ServerUse {
    const process = `/proc/${this.#child.pid}`;
    const memory = readFileSync(`${process}/status`, "utf8");
    const megabytes = (name: string): number =>
      Number(new RegExp(`${name}:\\s+(\\d+)`, "u").exec(memory)?.[1] ?? 0) / 1_024;
    const threads = readdirSync(`${process}/task`)
      .map((id) => threadOf(`${process}/task/${id}`))
      .toSorted((a, b) => b.ms - a.ms);
    return {
      mainThreadMs: threadOf(`${process}/task/${this.#child.pid}`).ms,
      logThreadMs: threads.find(({ name }) => name === logThreadName)?.ms ?? 0,
      processMs: threadOf(process).ms,
      flushCount: diskFlushCount(),
      residentMegabytes: megabytes("VmRSS"),
      peakMegabytes: megabytes("VmHWM"),
    };
  }

  /** Ends it in good order and removes its log. */
  async close(): Promise<void> {
    const closed = once(this.#child, "close");
    this.#child.kill("SIGTERM");
    await closed;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

const logThreadName = "event-log";

/** Processor time of a process or thread, from its `stat` (proc(5), fields 14 and 15). */
function threadOf(directory: string): { readonly name: string; readonly ms: number } {
  try {
    const stat = readFileSync(`${directory}/stat`, "utf8");
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
    return { name, ms: (ticks * 1_000) / ticksPerSecond };
  } catch {
    // The thread ended between listing and reading.
    return { name: "", ms: 0 };
  }
}

function configOf({ seed, snapshotMegabytes }: ServerSetup): object {
  return {
    listen: "127.0.0.1:0",
    data: "data",
    sites: [{ file: siteFile }],
    clusters: [{ site: "pavlodar-hub", seed }],
    rates: { callsPerSecond: 1_000_000, burst: 1_000_000 },
    engine: { jobsUnfinished: 15_000_000, jobsFinished: 1_000_000, requestIds: 20_000_000 },
    ...(snapshotMegabytes === undefined
      ? {}
      : { snapshots: { everyCharacters: snapshotMegabytes * 1e6 } }),
  };
}

/** The difference of two readings. */
export function usedBetween(before: ServerUse, after: ServerUse): ServerUse {
  return {
    ...after,
    mainThreadMs: after.mainThreadMs - before.mainThreadMs,
    logThreadMs: after.logThreadMs - before.logThreadMs,
    processMs: after.processMs - before.processMs,
    flushCount: after.flushCount - before.flushCount,
  };
}
