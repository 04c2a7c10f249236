export interface Range {
  readonly min: number;
  readonly max: number;
}

/** How the plant behaves, which the controller is not told. Shares are parts of 1. */
export interface PlantRules {
  /** From the wish to run until the program runs. */
  readonly startDelayMs: Range;
  /** From a stop request until the program has ended. */
  readonly stopDelayMs: Range;
  /** From the end of the program until its nodes confirm that nothing is left. */
  readonly confirmDelayMs: Range;
  /** From a cap that is sent until the GPUs are held to it and say so. */
  readonly capDelayMs: Range;
  /** Acknowledgements that are lost; they are sent again after `capRepeatMs`. */
  readonly capLossShare: number;
  readonly capRepeatMs: number;
  /** From the wish until a node is off, and until it is on again. */
  readonly sleepMs: number;
  readonly wakeMs: number;
  /** Wakes that stay without an answer for so long; of these, those that never come before they are asked again. */
  readonly wakeLossShare: number;
  readonly lateWakeMs: Range;
  readonly deadWakeShare: number;
  /** Common and per job: standard deviation of the true draw beside the curve's. */
  readonly commonBias: number;
  readonly jobBias: number;
  /** Standard deviation of the loss of speed beside the curve's. */
  readonly lossBias: number;
  /** Of the mean of each minute. */
  readonly minuteNoise: number;
  /** Drift of a job's draw a minute: mean and deviation. */
  readonly drift: { readonly mean: number; readonly deviation: number };
  /** Checkpoint dips: how often, how long, and the part of its draw above idle a job keeps. */
  readonly dips: { readonly everyMs: number; readonly lengthMs: number; readonly keeps: number };
  /** Of the telemetry's reading. */
  readonly readingNoise: number;
  readonly nodeFailuresPerHour: number;
  /** From a failure until the cluster notices, until it powers the node off, until it is repaired. */
  readonly noticeMs: Range;
  readonly fenceMs: Range;
  readonly repairMs: Range;
  /** Of a GPU that cannot be capped: its draw as a part of what its bound allows above idle. */
  readonly uncappedDraw: Range;
}

const at = (ms: number): Range => ({ min: ms, max: ms });

/** Nothing takes time, nothing fails, and draw and speed are what the curves say: for comparisons. */
export const exactPlant: PlantRules = {
  startDelayMs: at(0),
  stopDelayMs: at(0),
  confirmDelayMs: at(0),
  capDelayMs: at(0),
  capLossShare: 0,
  capRepeatMs: 1_000,
  sleepMs: 0,
  wakeMs: 0,
  wakeLossShare: 0,
  lateWakeMs: at(0),
  deadWakeShare: 0,
  commonBias: 0,
  jobBias: 0,
  lossBias: 0,
  minuteNoise: 0,
  drift: { mean: 0, deviation: 0 },
  dips: { everyMs: 0, lengthMs: 0, keeps: 1 },
  readingNoise: 0,
  nodeFailuresPerHour: 0,
  noticeMs: at(0),
  fenceMs: at(0),
  repairMs: at(0),
  uncappedDraw: { min: 1, max: 1 },
};

/** A plant as one meets it. Biases and noise as observed in the Phoenix trial, delays as an assumption. */
export const usualPlant: PlantRules = {
  startDelayMs: { min: 2_000, max: 20_000 },
  stopDelayMs: { min: 200, max: 10_000 },
  confirmDelayMs: { min: 100, max: 2_000 },
  capDelayMs: { min: 200, max: 1_000 },
  capLossShare: 0.01,
  capRepeatMs: 2_000,
  sleepMs: 5_000,
  wakeMs: 180_000,
  wakeLossShare: 0,
  lateWakeMs: { min: 180_000, max: 14_400_000 },
  deadWakeShare: 0.3,
  commonBias: 0.014,
  jobBias: 0.015,
  lossBias: 0.05,
  minuteNoise: 0.0035,
  drift: { mean: -0.0001, deviation: 0.0004 },
  dips: { everyMs: 3_600_000, lengthMs: 120_000, keeps: 0.3 },
  readingNoise: 0.001,
  nodeFailuresPerHour: 1 / (24 * 180),
  noticeMs: { min: 5_000, max: 40_000 },
  fenceMs: { min: 60_000, max: 300_000 },
  repairMs: { min: 3_600_000, max: 86_400_000 },
  uncappedDraw: { min: 0.55, max: 0.96 },
};

/** What went wrong a lot: for tests that look for broken promises. */
export const roughPlant: PlantRules = {
  ...usualPlant,
  capDelayMs: { min: 0, max: 30_000 },
  capLossShare: 0.2,
  capRepeatMs: 10_000,
  commonBias: 0.05,
  jobBias: 0.05,
  minuteNoise: 0.02,
  nodeFailuresPerHour: 1 / 200,
  repairMs: { min: 600_000, max: 14_400_000 },
};
