import { toNumber } from "@ertis/quantities";
import type { Curtailment } from "@ertis/scheduler-engine";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";

/** A curtailment, and what it costs the jobs below its domain. */
interface LossWindow {
  readonly id: string;
  readonly domain: string;
  readonly startMs: number;
  readonly endMs: number;
  /** A lost feed or an emergency is on meanwhile: floors may give way. */
  isForced: boolean;
  /** Ms at full speed, by job. */
  readonly losses: Map<SimulatedJob, number>;
}

/** What curtailments took of their jobs. */
export interface FloorScore {
  /** Jobs that lost speed to a curtailment, once for each. */
  readonly touchedCount: number;
  readonly brokenCount: number;
  /** Lost more than their tier tolerates while a feed was lost or an emergency was on. */
  readonly givenUpCount: number;
}

/** Orders are carried out a little later, ends are whole ms: so much of a loss is nobody's. */
const roundingPart = 0.005;
const roundingMs = 30_000;

/** Sums up what curtailments cost, and judges each when it is over. */
export class LossWindows {
  readonly #windows = new Map<string, LossWindow>();
  readonly #complain: (message: string) => void;
  touchedCount = 0;
  brokenCount = 0;
  givenUpCount = 0;

  constructor(complain: (message: string) => void) {
    this.#complain = complain;
  }

  get openCount(): number {
    return this.#windows.size;
  }

  open({ id, domain, start, end }: Curtailment): void {
    this.#windows.set(id, {
      id,
      domain,
      startMs: toNumber(start),
      endMs: toNumber(end),
      isForced: false,
      losses: new Map(),
    });
  }

  /** An emergency is on: whatever is on beside it may lose its floors. */
  force(nowMs: number): void {
    for (const window of this.#windows.values()) {
      window.isForced ||= window.startMs <= nowMs;
    }
  }

  /** A job lost this part of full speed from one moment to another. */
  add(
    job: SimulatedJob,
    part: number,
    span: {
      readonly fromMs: number;
      readonly untilMs: number;
      readonly domains: ReadonlySet<string>;
    },
  ): void {
    for (const { domain, startMs, endMs, losses } of this.#windows.values()) {
      const overlapMs = Math.min(span.untilMs, endMs) - Math.max(span.fromMs, startMs);
      if (overlapMs > 0 && part > 0 && span.domains.has(domain)) {
        losses.set(job, (losses.get(job) ?? 0) + part * overlapMs);
      }
    }
  }

  /** Averaged over the event as it was announced, also when it was cancelled. */
  close(id: string): void {
    const window = this.#windows.get(id);
    this.#windows.delete(id);
    for (const [job, lossMs] of window?.losses ?? []) {
      this.touchedCount += 1;
      const lengthMs = (window?.endMs ?? 0) - (window?.startMs ?? 0);
      const part = lossMs / lengthMs;
      if (part <= job.flexibilityTier / 100 + roundingPart + roundingMs / lengthMs) {
        continue;
      }
      if (window?.isForced === true) {
        this.givenUpCount += 1;
        continue;
      }
      this.brokenCount += 1;
      this.#complain(
        `${job.name} lost ${(part * 100).toFixed(2)} % of its speed to curtailment ${id}, its tier tolerates ${job.flexibilityTier} %`,
      );
    }
  }

  closeAll(): void {
    for (const id of this.#windows.keys()) {
      this.close(id);
    }
  }
}
