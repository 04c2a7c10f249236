/** A hub with a ramp, whose nodes answer, for tests. */
import type { RampLimit, RampStep } from "@ertis/power-planning";
import { instant } from "@ertis/quantities";
import { acknowledge, attemptsOf, beginAll, cappedHub, Hub } from "./test-hub.ts";
import type { Attempt } from "../state/job.ts";

/** A start of one node adds 3.2 kW, half of it at the lowest cap. */
export function rampedHub(ramp = "2 kW/min over 60 s"): string {
  return cappedHub().replace("feed:\n  limit: 300 kW", `feed:\n  limit: 300 kW\n  ramp: ${ramp}`);
}

export const rampOfHub: RampLimit = { watts: 2_000, perMs: 60_000, windowMs: 60_000 };

/** Lets time pass, with all that falls due, and writes down how the bounds of its feed step. */
export class RampedHub extends Hub {
  readonly steps: RampStep[] = [];
  /** A gang takes so long from the order to stop until nothing of it is left. */
  readonly stopSeconds: number;
  readonly #stoppingSince = new Map<Attempt, number>();

  constructor(text: string = rampedHub(), stopSeconds = 0) {
    super(text);
    this.stopSeconds = stopSeconds;
  }

  /** Second by second. Answers the steps of this time. */
  pass(seconds: number): readonly RampStep[] {
    const from = this.steps.length;
    let before = this.feedWatts();
    for (let second = 0; second < seconds; second += 1) {
      this.wait(1000);
      this.measureAll();
      this.#settle();
      const watts = this.feedWatts() - before;
      before += watts;
      if (watts !== 0) {
        this.steps.push({ atMs: this.nowMs, watts, settleMs: 0, cause: "planned" });
      }
    }
    return this.steps.slice(from);
  }

  /** A site that measures overrides it. */
  measureAll(): void {
    // Nothing is measured.
  }

  #settle(): void {
    for (let round = 0; round < 10 && this.engine.needsPass; round += 1) {
      this.place();
    }
    acknowledge(this);
    for (const attempt of attemptsOf(this)) {
      const since = this.#stoppingSince.get(attempt) ?? this.nowMs;
      if (attempt.phase === "stopping") {
        this.#stoppingSince.set(attempt, since);
        if (this.nowMs >= since + this.stopSeconds * 1000) {
          this.#confirmStop(attempt);
        }
      }
    }
  }

  #confirmStop({ job, task, attempt, stopReason }: Attempt): void {
    const key = { job, task, attempt };
    const category = stopReason === "walltime" ? "walltime" : "preemption";
    this.report(
      { kind: "checkpointed", attempt: key },
      {
        kind: "attempt-exited",
        attempt: key,
        outcome: { kind: "failed", category, exitCode: 143 },
      },
      { kind: "stop-confirmed", attempt: key, nodes: [] },
    );
  }
}

/** GPUs draw a twentieth less than their caps; nodes idle at 2 kW, 1 kW is fixed. */
export class MeasuredHub extends RampedHub {
  override measureAll(): void {
    if (this.nowMs % 10_000 !== 0) {
      return;
    }
    beginAll(this);
    const attempts = attemptsOf(this).map(({ job, task, attempt, capWatts, heldNodes }) => ({
      attempt: { job, task, attempt },
      watts: heldNodes.length * (2_000 + 8 * gpuWattsOf(capWatts)),
    }));
    const at = instant(this.nowMs);
    const domains = [{ domain: 0, watts: this.drawnWatts() }];
    this.engine.execute({ kind: "measure", at, site: "hub", domains, attempts });
  }

  drawnWatts(): number {
    return attemptsOf(this).reduce(
      (sum, { capWatts, heldNodes }) => sum + heldNodes.length * 8 * gpuWattsOf(capWatts),
      1_000 + 8 * 2_000,
    );
  }
}

function gpuWattsOf(capWatts: number): number {
  return 0.95 * (capWatts === 0 ? 400 : capWatts);
}
