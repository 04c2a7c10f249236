import type { AttemptKey, AttemptOutcome } from "@ertis/scheduler-engine";
import type { AttemptPlan } from "./attempt-plan.ts";
import type { Tenancy } from "./tenancy.ts";

/**
 * `starting` → `running` → `exited` (the program ended, nodes have yet to confirm) → `ended`
 * (nothing is held). An ended attempt stays known until the scheduler releases it.
 */
export type AttemptPhase = "starting" | "running" | "exited" | "ended";

/** One attempt as the cluster knows it. Changed only by the cluster. */
export interface AttemptRecord {
  readonly key: AttemptKey;
  readonly plan: AttemptPlan | undefined;
  /** Those on nodes that an edit of the site took away are dropped. */
  tenancies: readonly Tenancy[];
  readonly graceMs: number;
  /** Kind of work: with a cap it says how fast the attempt is. */
  readonly workloadClass: string;
  /** The newest order for its cap, and the cap it asks for. */
  capOrder: number;
  capWatts: number;
  /** Full-speed time left at `workAtMs`, while it runs. */
  workLeftMs: number;
  workAtMs: number;
  /** Part of full speed. */
  speed: number;
  /** Its work is saved when it exits. */
  savesWork: boolean;
  phase: AttemptPhase;
  /** When it will exit as things stand; undefined until it runs or is stopped. */
  exitAtMs: number | undefined;
  outcome: AttemptOutcome | undefined;
  energyJoules: number;
  /** Sequence of its newest report: no need to repeat it before that is acknowledged. */
  reportedSequence: number;
  /** Not wanted any more and unknown to the scheduler: forgotten once it has ended. */
  isOrphan: boolean;
}

export function textOf(key: AttemptKey): string {
  return `${key.job}_${key.task}.${key.attempt}`;
}

export function compareKeys(a: AttemptKey, b: AttemptKey): number {
  return a.job - b.job || a.task - b.task || a.attempt - b.attempt;
}

/** The program ended because a node under it did, which is not the job's fault. */
export const lostWithNode: AttemptOutcome = { kind: "failed", category: "node", exitCode: 0 };
export const neverStarted: AttemptOutcome = { kind: "failed", category: "start", exitCode: 0 };
/** It holds its nodes and its program has not ended. */
export function isBeforeExit(record: AttemptRecord): boolean {
  return record.phase === "starting" || record.phase === "running";
}

export function heldNodes(record: AttemptRecord): readonly number[] {
  return record.tenancies.flatMap((tenancy) =>
    tenancy.releasedMs === undefined ? [tenancy.node] : [],
  );
}

export function tenancyOn(record: AttemptRecord | undefined, node: number): Tenancy | undefined {
  return record?.tenancies.find((tenancy) => tenancy.node === node);
}
