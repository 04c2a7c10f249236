export type {
  Clock,
  DesiredAttempt,
  DesiredChange,
  EventLog,
  Executor,
  LogConflict,
  LogRow,
  MeasuredDraw,
  Reporter,
  Sequence,
  Stopwatch,
  StoredSnapshot,
} from "./ports.ts";
export type { LatencySummary } from "./latency.ts";
export type {
  CommittedEntry,
  Request,
  Scheduler,
  Unavailable,
  WriterTimings,
} from "./scheduler.ts";
export { restore, type Restored, writeSnapshotOf, type WrittenSnapshot } from "./restore.ts";
export type { LogRetention, SnapshotPolicy } from "./retention.ts";
export { type SchedulerOptions, SiteRefused, startScheduler } from "./start.ts";
