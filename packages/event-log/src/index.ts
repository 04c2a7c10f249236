export {
  EventLogError,
  LogClosed,
  LogCorrupt,
  LogFromNewerVersion,
  LogLocked,
  LogTrimmed,
} from "./errors.ts";
export { MemoryEventLog, MemoryLogStorage } from "./memory.ts";
export { openSqliteEventLog } from "./sqlite/open.ts";
export type { SqliteEventLogOptions } from "./sqlite/open.ts";
export { attachSqliteEventLog } from "./sqlite/sqlite-event-log.ts";
export type { SqliteEventLog } from "./sqlite/sqlite-event-log.ts";
