/** A hub of four gangs on a plant whose GPUs are all off their curve by the same part, for tests. */
import { instant, milliseconds, watts } from "@ertis/quantities";
import { activeAttempts } from "../state/job.ts";
import type { Measure } from "../words/command.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { JobSpec } from "../words/job-spec.ts";
import { beginAll, cappedHub, Hub, hourMs } from "./test-hub.ts";

const minuteMs = 60_000;
/** Between two measurements. */
export const periodMs = 10_000;

/** Draws of GPUs, 5 % below their caps as the curve says, and 2 % off; nodes idle at 2 kW, 1 kW fixed. */
export class Plant {
  readonly hub: Hub;
  readonly #bias: number;

  constructor(bias: number, changes: Partial<JobSpec> = {}, site: string = cappedHub()) {
    this.hub = new Hub(site);
    this.#bias = bias;
    for (let gang = 0; gang < 4; gang += 1) {
      this.hub.run({
        flexibilityTier: 50,
        workloadClass: "straight",
        nodeCount: 2,
        walltime: milliseconds(10 * hourMs),
        ...changes,
      });
    }
  }

  /** Who was told to stop has written its checkpoint by now. */
  #confirmStops(): void {
    const { hub } = this;
    for (const job of hub.state.jobs.after(0)) {
      for (const { task, attempt, phase, workAtMs } of activeAttempts(job)) {
        const key = { job: job.number, task, attempt };
        if (phase === "stopping" && hub.nowMs >= workAtMs + minuteMs) {
          const outcome = { kind: "failed", category: "application", exitCode: 143 } as const;
          hub.report(
            { kind: "checkpointed", attempt: key },
            { kind: "attempt-exited", attempt: key, outcome },
            { kind: "stop-confirmed", attempt: key, nodes: [] },
          );
        }
      }
    }
    hub.place();
  }

  /** One period: who has started runs, nodes acknowledge, then everything is measured. */
  step(): number {
    const { hub } = this;
    beginAll(hub);
    const attempts: Measure["attempts"][number][] = [];
    // Nodes that nobody holds idle on.
    let total = 1_000 + 8 * 2_000;
    for (const job of hub.state.jobs.after(0)) {
      for (const attempt of activeAttempts(job)) {
        const { task, attempt: count, capWatts, capOrder: order } = attempt;
        const key = { job: job.number, task, attempt: count };
        hub.report({ kind: "cap-applied", attempt: key, nodes: [], capWatts, order });
        const gpuWatts = 0.95 * (capWatts === 0 ? 400 : capWatts) * this.#bias;
        const drawn = Math.round(attempt.heldNodes.length * (2_000 + 8 * gpuWatts));
        attempts.push({ attempt: key, watts: drawn });
        total += drawn - attempt.heldNodes.length * 2_000;
      }
    }
    this.#confirmStops();
    hub.nowMs += periodMs;
    this.measure(total, attempts);
    hub.wait(0);
    return total;
  }

  /** What the meter of the site says now, and those of attempts. */
  measure(drawnWatts: number, attempts: Measure["attempts"] = []): void {
    const at = instant(this.hub.nowMs);
    const domains = [{ domain: 0, watts: drawnWatts }];
    this.hub.engine.execute({ kind: "measure", at, site: "hub", domains, attempts });
  }

  steps(ms: number): void {
    for (let at = 0; at < ms; at += periodMs) {
      this.step();
    }
  }

  get planned(): Curtailment {
    return {
      id: "noon",
      site: "hub",
      domain: "hub",
      mode: "planned",
      target: watts(31_000),
      baseline: watts(0),
      start: instant(this.hub.nowMs + 15 * minuteMs),
      end: instant(this.hub.nowMs + 75 * minuteMs),
      ramp: milliseconds(5 * minuteMs),
      reason: "market",
      setBy: "olga",
      noticedAt: instant(this.hub.nowMs),
    };
  }

  schedule(curtailment: Curtailment): void {
    const at = instant(this.hub.nowMs);
    const command = { kind: "schedule-curtailment", at, by: "olga", curtailment } as const;
    const { reply } = this.hub.engine.execute(command);
    if (reply.kind !== "done") {
      throw new Error(`not scheduled: ${JSON.stringify(reply)}`);
    }
  }
}
