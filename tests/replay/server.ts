/**
 * The server of a replay, started by `server-process.ts`: the scheduler as it is, on SQLite and on a
 * stepped clock, with limits that fit a trace of months. Ends when it is told to, or when whoever started
 * it is gone.
 */
import { milliseconds } from "@ertis/quantities";
import type { Reporter } from "@ertis/scheduler-runtime";
import { defaultConfig, serve, type ServerConfig } from "@ertis/scheduler";
import type { ServerFigures, ServerMessage, ServerTask } from "./server-process.ts";

const ever = Number.MAX_SAFE_INTEGER;

function configOf(task: ServerTask): ServerConfig {
  return {
    ...defaultConfig,
    port: 0,
    dataDirectory: task.dataDirectory,
    // The oracle reads the log from its first row.
    retention: { rowsMax: ever, ageMax: milliseconds(ever) },
    snapshots: { everyRows: ever, everyCharacters: ever },
    limits: { ...defaultConfig.limits, walltimeMsMax: task.walltimeMsMax },
    sites: [{ file: task.siteFile, text: task.siteText, phases: "built" }],
    clock: "stepped",
    clockStartMs: task.clockStartMs,
    clusters: [{ site: "philly", seed: task.seed, isOwnProcess: false, physics: {} }],
    projects: ["philly"],
    isWithoutAuth: true,
    // One driver calls as fast as it gets answers.
    rate: { callsPerSecond: 1_000_000, burst: 1_000_000 },
  };
}

function tell(message: ServerMessage): void {
  process.send?.(message);
}

/** Nothing else keeps the process alive then. */
function hangUp(): void {
  if (process.connected) {
    process.disconnect();
  }
}

const warnings = { count: 0 };
const reporter: Reporter = {
  info: () => {},
  warn: (message, facts) => {
    warnings.count += 1;
    process.stderr.write(`server: ${message} ${JSON.stringify(facts)}\n`);
  },
};

const task = JSON.parse(process.argv[2] ?? "") as ServerTask;
try {
  const server = await serve(configOf(task), reporter);
  let isClosing = false;
  const close = async (): Promise<void> => {
    if (isClosing) {
      return;
    }
    isClosing = true;
    const writer = server.scheduler.timings();
    await server.close();
    const figures: ServerFigures = {
      writer,
      // `maxRSS` is in kilobytes on every system.
      peakMemoryBytes: process.resourceUsage().maxRSS * 1_024,
      warningCount: warnings.count,
    };
    tell({ kind: "closed", figures });
    hangUp();
  };
  process.once("message", () => void close());
  process.once("disconnect", () => void close());
  tell({ kind: "serving", address: server.address });
} catch (error) {
  tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  hangUp();
}
