import type { CapCurve } from "./curve.ts";
import { type CappedGpus, hardwareCurve } from "./hardware-curve.ts";
import type { CurveOfClass } from "./model-curve.ts";

/**
 * The curves of one kind of GPUs by class of work, each made when it is first asked for. Whoever submits
 * jobs names classes as they like: those that nobody measured share one entry, as they share its curve.
 */
export class HardwareCurves {
  readonly #curves: readonly CurveOfClass[];
  readonly #gpus: CappedGpus;
  readonly #measured: ReadonlySet<string>;
  readonly #made = new Map<string | undefined, CapCurve | undefined>();

  constructor(curves: readonly CurveOfClass[], gpus: CappedGpus) {
    this.#curves = curves;
    this.#gpus = gpus;
    this.#measured = new Set(curves.map((one) => one.workloadClass));
  }

  of(workloadClass: string): CapCurve | undefined {
    // Asked for every job that a pass looks at.
    const made = this.#made.get(workloadClass);
    if (made !== undefined) {
      return made;
    }
    const key = this.#measured.has(workloadClass) ? workloadClass : undefined;
    if (!this.#made.has(key)) {
      this.#made.set(key, hardwareCurve(this.#curves, this.#gpus, workloadClass));
    }
    return this.#made.get(key);
  }
}
