import type { EngineLimits } from "@ertis/scheduler-engine";
import type { Clock, Scheduler } from "@ertis/scheduler-runtime";
import type { ServerLimits } from "../limits/limits.ts";
import type { CommitSignal } from "./commit-signal.ts";
import type { PendingJobs } from "./pending-jobs.ts";

/** What all services share. */
export interface ServiceContext {
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly engineLimits: EngineLimits;
  /** Projects of the configuration; empty: any name is a project. */
  readonly projects: ReadonlySet<string>;
  readonly commits: CommitSignal;
  readonly pendingJobs: PendingJobs;
  readonly isClockStepped: boolean;
  readonly version: string;
}
