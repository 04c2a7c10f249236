import { forkStream } from "../chance/random-stream.ts";
import type { DrawNoise, PlantAttempt } from "./plant-attempt.ts";
import type { PlantRules } from "./plant-rules.ts";

const minuteMs = 60_000;

/** What of the draw belongs to chance: per plant, per job, per minute. */
export class PlantNoise {
  /** Draws are what the curves say, always. */
  readonly isSilent: boolean;
  readonly #seed: number;
  readonly #rules: PlantRules;
  readonly #common: number;

  constructor(seed: number, rules: PlantRules) {
    this.#seed = seed;
    this.#rules = rules;
    this.#common = forkStream(seed, "common-bias").normal(0, rules.commonBias);
    this.isSilent =
      rules.minuteNoise === 0 &&
      rules.drift.mean === 0 &&
      rules.drift.deviation === 0 &&
      rules.dips.everyMs === 0;
  }

  ofJob(job: number): DrawNoise {
    const { jobBias, drift, dips } = this.#rules;
    const stream = forkStream(this.#seed, "draw-noise", job);
    return {
      bias: this.#common + stream.normal(0, jobBias),
      driftPerMinute: stream.normal(drift.mean, drift.deviation),
      dipPhaseMs: Math.floor(stream.within(0, Math.max(1, dips.everyMs))),
    };
  }

  /** The loss of speed of a job is so many times that of its curve. */
  lossFactorOf(job: number): number {
    return Math.max(0, forkStream(this.#seed, "loss-bias", job).normal(1, this.#rules.lossBias));
  }

  uncappedOf(job: number): number {
    const { min, max } = this.#rules.uncappedDraw;
    return min === max ? min : forkStream(this.#seed, "uncapped", job).within(min, max);
  }

  minuteOf(job: number, minute: number): number {
    const { minuteNoise } = this.#rules;
    return minuteNoise === 0
      ? 0
      : forkStream(this.#seed, "minute", job, minute).normal(0, minuteNoise);
  }

  get dips(): PlantRules["dips"] {
    return this.#rules.dips;
  }
}

/** Does it write a checkpoint, by the clock of its own? */
export function isDipping(
  { startedAtMs, noise }: Pick<PlantAttempt, "startedAtMs" | "noise">,
  nowMs: number,
  { everyMs, lengthMs }: PlantRules["dips"],
): boolean {
  const isDue = everyMs > 0 && (nowMs + noise.dipPhaseMs) % everyMs < lengthMs;
  return isDue && nowMs - startedAtMs > lengthMs;
}

/** By how much an attempt draws more or less than its curve says, as a factor. */
export function noiseFactor(attempt: PlantAttempt, nowMs: number, noise: PlantNoise): number {
  if (noise.isSilent) {
    return 1 + attempt.noise.bias;
  }
  const { bias, driftPerMinute } = attempt.noise;
  const ranMs = nowMs - attempt.startedAtMs;
  const minute = Math.floor(nowMs / minuteMs);
  const drift = Math.max(-0.05, Math.min(0.05, (driftPerMinute * ranMs) / minuteMs));
  const level = 1 + bias + drift + noise.minuteOf(attempt.job.index, minute);
  return Math.max(0, level) * (isDipping(attempt, nowMs, noise.dips) ? noise.dips.keeps : 1);
}
