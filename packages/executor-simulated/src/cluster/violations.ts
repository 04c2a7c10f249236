import type { AttemptKey } from "@ertis/scheduler-engine";

export type ViolationKind =
  | "gpu-double-use"
  | "unknown-node"
  | "bad-placement"
  /** Placed on a node whose loss the scheduler had acknowledged and whose return it never granted. */
  | "node-not-ready"
  | "started-twice"
  /** Wanted again after the scheduler had released it for good. */
  | "wanted-after-forget"
  /** Released for good while it was still running. */
  | "forgotten-while-running";

/** Something a correct scheduler never asks for. It is refused, kept and counted. */
export interface Violation {
  readonly kind: ViolationKind;
  readonly atMs: number;
  readonly attempt: AttemptKey;
  readonly detail: string;
}

/** The first ones tell what went wrong; the count tells how often. */
const violationsKeptMax = 1_000;

export class ViolationLog {
  readonly #kept: Violation[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get kept(): readonly Violation[] {
    return this.#kept;
  }

  add(violation: Violation): void {
    this.#count += 1;
    if (this.#kept.length < violationsKeptMax) {
      this.#kept.push(violation);
    }
  }
}
