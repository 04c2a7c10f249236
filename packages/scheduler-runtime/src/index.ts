export type {
  Clock,
  DesiredAttempt,
  DesiredChange,
  EventLog,
  Executor,
  LogConflict,
  LogRow,
  Reporter,
  Sequence,
  StoredSnapshot,
} from "./ports.ts";
export type { CommittedEntry, Request, Scheduler, Unavailable } from "./scheduler.ts";
