/**
 * For tests of the tests. A power-cut test that has never failed proves nothing, so one of them
 * runs on a log that lies about durability; nothing else imports this file.
 */
import { startWorker } from "./sqlite/open.ts";
import type { SqliteEventLog } from "./sqlite/sqlite-event-log.ts";

/**
 * A log whose appends resolve before they are durable: the mistake a power cut must reveal. `NORMAL`
 * loses what came after the last checkpoint, `OFF` may lose the whole file.
 */
export function openLogThatForgets(
  directory: string,
  synchronous: "NORMAL" | "OFF",
): Promise<SqliteEventLog> {
  return startWorker({ directory, lockWaitMs: 1_000, synchronous });
}
