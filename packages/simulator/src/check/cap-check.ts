import { toNumber } from "@ertis/quantities";
import type { AttemptKey, Event } from "@ertis/scheduler-engine";
import type { NodeClass, Site } from "@ertis/site-model";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { keyText, type Report } from "./violation.ts";

/** Caps are what the hardware takes, never below what the job accepts, and none for a job that tolerates no loss. */
export class CapCheck {
  capCount = 0;
  readonly #site: Site;
  readonly #jobOf: (job: number) => SimulatedJob | undefined;
  readonly #report: Report;
  readonly #classOf = new Map<string, NodeClass>();
  /** The last cap of an attempt; 0: none. */
  readonly #capOf = new Map<string, number>();
  /** Curtailments that give up the floors of those who tolerate no loss. */
  readonly #asking = new Set<string>();

  constructor(site: Site, jobOf: (job: number) => SimulatedJob | undefined, report: Report) {
    this.#site = site;
    this.#jobOf = jobOf;
    this.#report = report;
  }

  observe(event: Event): void {
    switch (event.kind) {
      case "attempt-started": {
        const { nodes, capWatts } = event.placement;
        const nodeClass = this.#site.nodeClasses[this.#site.nodes[nodes[0] ?? 0]?.classIndex ?? -1];
        if (nodeClass !== undefined) {
          this.#classOf.set(keyText(event.attempt), nodeClass);
        }
        return this.#capped(event.attempt, capWatts);
      }
      case "cap-set":
        return this.#capped(event.attempt, event.capWatts);
      case "attempt-exited":
        this.#classOf.delete(keyText(event.attempt));
        this.#capOf.delete(keyText(event.attempt));
        return;
      case "curtailment-scheduled":
        if (event.curtailment.giveUp?.includes(0) === true) {
          this.#asking.add(event.curtailment.id);
        }
        return;
      case "curtailment-ended":
        for (const id of event.ids) {
          this.#asking.delete(id);
        }
        return;
      case "curtailment-cancelled":
        this.#asking.delete(event.id);
        return;
      default:
    }
  }

  #capped(key: AttemptKey, capWatts: number): void {
    this.#check(key, capWatts);
    this.#capOf.set(keyText(key), capWatts);
  }

  #check(key: AttemptKey, capWatts: number): void {
    const nodeClass = this.#classOf.get(keyText(key));
    if (capWatts === 0 || nodeClass === undefined) {
      return;
    }
    this.capCount += 1;
    const job = this.#jobOf(key.job);
    const { gpuCap } = nodeClass;
    if (gpuCap === undefined) {
      this.#report("cap", `${keyText(key)} is capped at ${capWatts} W, but its GPUs take no cap`);
      return;
    }
    const lowest = toNumber(gpuCap.lowestWatts);
    const highest = toNumber(gpuCap.highestWatts);
    if (!Number.isInteger(capWatts) || capWatts < lowest || capWatts > highest) {
      this.#report(
        "cap",
        `${keyText(key)} is capped at ${capWatts} W, its GPUs take ${lowest} to ${highest} W`,
      );
    }
    if (job !== undefined && capWatts < job.capMinWatts) {
      this.#report(
        "floor",
        `${keyText(key)} is capped at ${capWatts} W, it accepts ${job.capMinWatts} W`,
      );
    }
    const isProtected = job?.flexibilityTier === 0 && this.#asking.size === 0;
    // Whose floor was given up comes back in the steps of a ramp: a higher cap takes nothing from it.
    const capBefore = this.#capOf.get(keyText(key)) ?? 0;
    const before = capBefore === 0 ? highest : capBefore;
    if (isProtected && capWatts < before) {
      this.#report("floor", `${keyText(key)} tolerates no loss and is capped at ${capWatts} W`);
    }
  }
}
