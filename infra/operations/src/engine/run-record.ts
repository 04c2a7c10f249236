import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { stackKey } from "../state/stack-workspace.ts";
import type { StackWorkspace } from "../state/stack-workspace.ts";
import { writeFileAtomically } from "../state/write-file.ts";

/**
 * Every process of a run carries it in its environment: the engine, the language host, the programs and
 * plugins they start. So they are found when their engine is gone and nobody is left who knows them.
 */
export const runVariable = "ERTIS_ENGINE_RUN";

/** One run of the engine, written down before it starts and removed when it has ended by itself. */
export interface RunRecord {
  readonly runId: string;
  readonly command: string;
  readonly host: string;
  readonly startedAt: Date;
  /** Of the process that started the engine. */
  readonly operatorPid: number;
  readonly file: string;
}

/** `<stack key>@<run id>`. */
export function runMark(workspace: StackWorkspace, runId: string): string {
  return `${stackKey(workspace)}@${runId}`;
}

export function beginRun(workspace: StackWorkspace, command: string): RunRecord {
  const runId = randomUUID();
  const directory = recordDirectory(workspace);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const record: RunRecord = {
    runId,
    command,
    host: hostname(),
    startedAt: new Date(),
    operatorPid: process.pid,
    file: join(directory, `${runId}.json`),
  };
  writeFileAtomically(record.file, JSON.stringify(record, null, 2));
  return record;
}

export function endRun(record: RunRecord): void {
  rmSync(record.file, { force: true });
}

/** Runs that have not ended by themselves: they run, or were interrupted. Oldest first. */
export function openRuns(workspace: StackWorkspace): readonly RunRecord[] {
  const directory = recordDirectory(workspace);
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => readRecord(join(directory, name)) ?? [])
    .toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
}

function recordDirectory(workspace: StackWorkspace): string {
  return join(workspace.runsDirectory, stackKey(workspace));
}

function readRecord(file: string): RunRecord | undefined {
  const value: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const { runId, command, host, startedAt, operatorPid }: Record<string, unknown> = { ...value };
  return {
    runId: String(runId),
    command: String(command),
    host: String(host),
    startedAt: new Date(String(startedAt)),
    operatorPid: Number(operatorPid),
    file,
  };
}
