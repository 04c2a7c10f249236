import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { killProcesses } from "../programs/processes.ts";

/**
 * Ends the process that plays controllers on the clusters of a state directory, where one runs: the one
 * that `npm run up:local` wrote down with its start time, and no other that has its id by now. Resolves
 * with its process id, or with undefined where none ran.
 */
export async function endLocalWorld(stateDirectory: string): Promise<number | undefined> {
  const path = join(stateDirectory, "local-world.json");
  const { pid, startTime } = readRecord(path);
  if (typeof pid !== "number" || typeof startTime !== "string") {
    return undefined;
  }
  const endedCount = await killProcesses([{ pid, startTime }]);
  rmSync(path, { force: true });
  return endedCount === 0 ? undefined : pid;
}

function readRecord(path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
