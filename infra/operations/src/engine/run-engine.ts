import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { qualifiedName } from "../state/stack-workspace.ts";
import type { StackWorkspace } from "../state/stack-workspace.ts";
import { parseEngineEvent } from "./engine-event.ts";
import { beginRun, endRun, runMark, runVariable } from "./run-record.ts";
import { RunSummaryBuilder, toPlainText } from "./run-summary.ts";
import type { RunSummary } from "./run-summary.ts";

export type EngineCommand = "preview" | "up" | "refresh" | "destroy";

export interface EngineRun {
  readonly command: EngineCommand;
  /** The executable of a policy pack, or a folder. */
  readonly policyPack?: string | undefined;
  /** Of `refresh`: look, and leave the state as it is. */
  readonly isPreviewOnly?: boolean;
  /** Called at most a few times a second. */
  readonly onProgress?: (summary: RunSummary) => void;
}

export interface EngineResult extends RunSummary {
  readonly isOk: boolean;
  /** Killed, or ended by a signal. */
  readonly signal: NodeJS.Signals | null;
  readonly tookSeconds: number;
}

/** `refresh` and `destroy` run no program: the state says everything. */
const runsProgram: Readonly<Record<EngineCommand, boolean>> = {
  preview: true,
  up: true,
  refresh: false,
  destroy: false,
};

/**
 * `up` looks at every object first, so that what somebody changed by hand is found and mended. A preview
 * that did not would promise less than `up` does.
 */
const alwaysFlags: Readonly<Record<EngineCommand, readonly string[]>> = {
  preview: ["--refresh"],
  up: ["--yes", "--skip-preview", "--refresh"],
  refresh: ["--yes", "--skip-preview"],
  destroy: ["--yes", "--skip-preview"],
};

/** Runs one command of the engine on one stack, and reads what it says. */
export async function runEngine(workspace: StackWorkspace, run: EngineRun): Promise<EngineResult> {
  const startedMs = performance.now();
  const record = beginRun(workspace, run.command);
  const child = spawn("pulumi", toArguments(workspace, run), {
    cwd: runsProgram[run.command] ? workspace.projectDirectory : workspace.settingsDirectory,
    env: {
      ...workspace.environment,
      [runVariable]: runMark(workspace, record.runId),
      PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true",
      // The engine takes it for `--yes`, which it refuses beside `--preview-only`.
      PULUMI_SKIP_CONFIRMATIONS: run.isPreviewOnly === true ? "false" : "true",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const interrupted = passSignals(child);
  const builder = new RunSummaryBuilder();
  const progress = everySoOften(() => run.onProgress?.(builder.summarize()));
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const event = parseEngineEvent(line);
    if (event !== undefined) {
      builder.add(event);
      progress.tell();
    }
  });
  const [code, signal] = await untilClosed(child);
  interrupted();
  progress.end();
  if (signal === null) {
    endRun(record);
  }
  const summary = builder.summarize();
  const isOk = code === 0;
  return {
    ...summary,
    errors: isOk
      ? summary.errors
      : summary.errors.every(isEcho)
        ? [...summary.errors, ...toErrors(stderr, code, signal)]
        : summary.errors,
    isOk,
    signal,
    tookSeconds: (performance.now() - startedMs) / 1000,
  };
}

function toArguments(workspace: StackWorkspace, run: EngineRun): readonly string[] {
  return [
    run.command,
    "--json",
    "--non-interactive",
    "--stack",
    qualifiedName(workspace),
    "--config-file",
    workspace.configFile,
    ...(run.isPreviewOnly === true ? ["--preview-only"] : alwaysFlags[run.command]),
    ...(run.policyPack === undefined ? [] : ["--policy-pack", run.policyPack]),
  ];
}

type ProcessEnd = readonly [code: number | null, signal: NodeJS.Signals | null];

async function untilClosed(child: ReturnType<typeof spawn>): Promise<ProcessEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<ProcessEnd>();
  child.on("error", reject).on("close", (code, signal) => resolve([code, signal]));
  child.on("exit", (code, signal) => {
    // An engine that is killed leaves plugins behind which keep its pipes open: its own end counts.
    if (signal !== null) {
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve([code, signal]);
    }
  });
  return promise;
}

/**
 * Ctrl-C reaches the engine too, which then ends after the operations in flight; this process must wait
 * for it. SIGTERM reaches only this process and is passed on as an interrupt. Returns how to stop listening.
 */
function passSignals(child: ReturnType<typeof spawn>): () => void {
  const onInterrupt = (): void => undefined;
  const onTerminate = (): void => {
    child.kill("SIGINT");
  };
  process.on("SIGINT", onInterrupt).on("SIGTERM", onTerminate);
  return () => {
    process.off("SIGINT", onInterrupt).off("SIGTERM", onTerminate);
  };
}

const progressEveryMs = 250;

interface Progress {
  readonly tell: () => void;
  readonly end: () => void;
}

/** The last news of a burst is told as well: it is what the engine waits for from then on. */
function everySoOften(action: () => void): Progress {
  let timer: NodeJS.Timeout | undefined;
  return {
    tell: () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        action();
      }, progressEveryMs);
    },
    end: () => {
      clearTimeout(timer);
    },
  };
}

/** Says that it ended, not why. */
function isEcho(error: string): boolean {
  return /^(context canceled|(preview|update|refresh|destroy) failed)$/.test(error);
}

/** What went wrong before the engine could say it in events. */
function toErrors(
  stderr: string,
  code: number | null,
  signal: NodeJS.Signals | null,
): readonly string[] {
  const text = toPlainText(stderr)
    .split("\n")
    .filter((line) => !line.startsWith("warning: using pulumi-"))
    .join("\n")
    .replace(/^error: /, "");
  if (text !== "") {
    return [text];
  }
  return [
    signal === null
      ? `the engine ended with ${code}`
      : `the engine was ended by ${signal}: run the same command again, it puts right what was left half-way`,
  ];
}
