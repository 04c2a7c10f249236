import { readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { processTable } from "../processes/process-table.ts";
import type { RunningProcess } from "../processes/process-table.ts";
import { stackName } from "../state/stack-workspace.ts";
import type { StackWorkspace } from "../state/stack-workspace.ts";

/** Who holds the lock of a stack, as the engine writes it down. */
export interface StackLock {
  readonly pid: number;
  readonly host: string;
  readonly user: string;
  readonly since: Date;
  /** The lock itself; undefined where the backend is no folder. */
  readonly file: string | undefined;
}

/** `dead`: its process has ended. `elsewhere`: of another machine, which cannot be asked from here. */
export type LockState = "held" | "dead" | "elsewhere";

/** A lock file of the engine's, or undefined where it is none (half written, or of a later version). */
export function parseLock(text: string, file: string): StackLock | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const { pid, hostname: host, username, timestamp }: Record<string, unknown> = { ...value };
  const since = new Date(String(timestamp));
  return typeof pid === "number" && typeof host === "string" && !Number.isNaN(since.getTime())
    ? { pid, host, user: String(username), since, file }
    : undefined;
}

/** The locks that the engine's refusal lists: `<url>: created by <user>@<host> (pid <n>) at <time>`. */
export function parseLockRefusal(message: string): readonly StackLock[] {
  const pattern = /created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g;
  return [...message.matchAll(pattern)].map(([, user = "", host = "", pid, time = ""]) => ({
    pid: Number(pid),
    host,
    user,
    since: new Date(time),
    file: undefined,
  }));
}

/** The locks of a stack in a backend that is a folder; none for other backends, whose refusals list them. */
export function readLocks(workspace: StackWorkspace): readonly StackLock[] {
  if (!workspace.backendUrl.startsWith("file://")) {
    return [];
  }
  const folder = join(
    fileURLToPath(workspace.backendUrl),
    ".pulumi",
    "locks",
    "organization",
    stackName(workspace),
  );
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => parseLock(readLockFile(join(folder, name)), join(folder, name)) ?? []);
}

function readLockFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Released meanwhile.
    return "";
  }
}

/** A process may be a little younger than its lock says: clocks of process tables are coarse. */
const clockToleranceMs = 5_000;

export function judgeLock(
  lock: StackLock,
  findProcess: (pid: number) => RunningProcess | undefined = (pid) => processTable.find(pid),
  thisHost: string = hostname(),
): LockState {
  if (lock.host !== thisHost) {
    return "elsewhere";
  }
  const holder = findProcess(lock.pid);
  // A process that began after the lock was written got a used number.
  const isHolder =
    holder !== undefined &&
    holder.startedAt.getTime() <= lock.since.getTime() + clockToleranceMs &&
    holder.program.startsWith("pulumi");
  return isHolder ? "held" : "dead";
}

/** Removes one dead lock, and no other that may have come since. */
export function releaseLock(lock: StackLock): void {
  if (lock.file !== undefined) {
    rmSync(lock.file, { force: true });
    rmSync(`${lock.file}.attrs`, { force: true });
  }
}
