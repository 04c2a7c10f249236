import type { AttemptKey, AttemptOutcome, Placement } from "@ertis/scheduler-engine";
import type { AttemptPlan } from "./attempt-plan.ts";
import { countBits, type Tenancy } from "./node-table.ts";

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
  /** The newest order for its cap, and the cap it asks for. */
  capOrder: number;
  capWatts: number;
  /** Full-speed time left at `workAtMs`, while it runs. */
  workLeftMs: number;
  workAtMs: number;
  speedPermille: number;
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

export function newRecord(
  key: AttemptKey,
  parts: Pick<AttemptRecord, "plan" | "tenancies" | "graceMs"> & {
    readonly capWatts: number;
    readonly capOrder: number;
  },
): AttemptRecord {
  return {
    key: { job: key.job, task: key.task, attempt: key.attempt },
    ...parts,
    workLeftMs: parts.plan?.runtimeMs ?? 0,
    workAtMs: 0,
    speedPermille: 1000,
    savesWork: false,
    phase: "starting",
    exitAtMs: undefined,
    outcome: undefined,
    energyJoules: 0,
    reportedSequence: 0,
    isOrphan: false,
  };
}

export function newTenancies(
  placement: Placement,
  plan: AttemptPlan,
  nowMs: number,
): readonly Tenancy[] {
  return placement.nodes.map((node, position) => {
    const gpuMask = placement.gpuMasks[position] ?? 0;
    return {
      node,
      gpuMask,
      gpuCount: countBits(gpuMask),
      capWatts: placement.capWatts,
      drawPermille: plan.drawPermille,
      noiseLane: plan.noiseLane,
      heldFromMs: nowMs,
      releasedMs: undefined,
      isDrawing: false,
      settledMs: nowMs,
      settledMillijoules: 0n,
      meteredMillijoules: 0,
    };
  });
}

export function heldNodes(record: AttemptRecord): readonly number[] {
  return record.tenancies.flatMap((tenancy) =>
    tenancy.releasedMs === undefined ? [tenancy.node] : [],
  );
}

export function tenancyOn(record: AttemptRecord | undefined, node: number): Tenancy | undefined {
  return record?.tenancies.find((tenancy) => tenancy.node === node);
}

/** How many released attempts are remembered, to notice when one is wanted again. */
const forgottenMax = 200_000;

/** Starts per attempt, also of those released, so that a double start cannot hide. */
export class StartLedger {
  readonly #startCounts = new Map<string, number>();
  readonly #forgotten = new Map<string, number>();
  #startCount = 0;
  #perAttemptMax = 0;

  /** Every start ever. */
  get startCount(): number {
    return this.#startCount;
  }

  /** The most starts that one attempt had: 1 at most, or something is badly wrong. */
  get perAttemptMax(): number {
    return this.#perAttemptMax;
  }

  countOf(key: AttemptKey): number {
    const text = textOf(key);
    return this.#startCounts.get(text) ?? this.#forgotten.get(text) ?? 0;
  }

  isForgotten(key: AttemptKey): boolean {
    return this.#forgotten.has(textOf(key));
  }

  /** @returns how often this attempt has now been started */
  start(key: AttemptKey): number {
    const count = this.countOf(key) + 1;
    this.#startCounts.set(textOf(key), count);
    this.#startCount += 1;
    this.#perAttemptMax = Math.max(this.#perAttemptMax, count);
    return count;
  }

  forget(key: AttemptKey): void {
    const text = textOf(key);
    this.#forgotten.set(text, this.countOf(key));
    this.#startCounts.delete(text);
    if (this.#forgotten.size > forgottenMax) {
      for (const oldest of this.#forgotten.keys()) {
        this.#forgotten.delete(oldest);
        break;
      }
    }
  }
}
