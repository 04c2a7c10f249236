import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { markProcess } from "@ertis/infra-toolchain";
import { endProcess } from "../processes/end-process.ts";
import { isSameProcess, processTable } from "../processes/process-table.ts";
import type { RunningProcess } from "../processes/process-table.ts";
import { writeFileAtomically } from "../state/write-file.ts";

/** Where local-world leaves its process id and what it says. */
export interface WorldPlace {
  readonly stateDirectory: string;
  readonly kubeconfigDirectory: string;
}

export function logFile({ stateDirectory }: WorldPlace): string {
  return join(stateDirectory, "local-world.log");
}

function recordFile({ stateDirectory }: WorldPlace): string {
  return join(stateDirectory, "local-world.json");
}

/** The process that plays; undefined where none does. */
export function findWorld(place: WorldPlace): RunningProcess | undefined {
  const file = recordFile(place);
  if (!existsSync(file)) {
    return undefined;
  }
  const value: unknown = JSON.parse(readFileSync(file, "utf8"));
  const { pid, startedAt }: Record<string, unknown> = {
    ...(typeof value === "object" ? value : {}),
  };
  const found = processTable.find(Number(pid));
  return isSameProcess(found, new Date(String(startedAt))) ? found : undefined;
}

/** Starts it where it does not play yet. It goes on when this process ends. */
export function startWorld(place: WorldPlace): RunningProcess {
  const present = findWorld(place);
  if (present !== undefined) {
    return present;
  }
  mkdirSync(place.stateDirectory, { recursive: true });
  const log = openSync(logFile(place), "a", 0o600);
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "main.ts"), place.kubeconfigDirectory],
    { detached: true, stdio: ["ignore", log, log] },
  );
  closeSync(log);
  child.unref();
  const started = child.pid === undefined ? undefined : processTable.find(child.pid);
  if (started === undefined) {
    throw new Error(`local-world did not start; it says why in ${logFile(place)}`);
  }
  // The toolchain's `clusters -- down` knows the process by its own form of a start time.
  const { startTime } = markProcess(started.pid) ?? {};
  const record = { pid: started.pid, startedAt: started.startedAt, startTime };
  writeFileAtomically(recordFile(place), JSON.stringify(record));
  return started;
}

/** Ends it. Returns its process id, or undefined where it did not play. */
export async function stopWorld(place: WorldPlace): Promise<number | undefined> {
  const world = findWorld(place);
  if (world === undefined) {
    return undefined;
  }
  await endProcess(world);
  rmSync(recordFile(place), { force: true });
  return world.pid;
}
