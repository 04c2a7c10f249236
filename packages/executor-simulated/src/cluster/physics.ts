import type { IntegerRange, Ratio } from "./random-stream.ts";

/** How an imaginary cluster behaves. Every range is drawn from by a stream of its own. */
export interface Physics {
  /** From the wish to run until the program runs: image pull, device checks, rendezvous. */
  readonly startDelayMs: IntegerRange;
  /** Attempts whose start fails (a missing image, say). */
  readonly startFailure: Ratio;
  /** Runtime in thousandths of the walltime; above 1000 the walltime has to be enforced. */
  readonly runtimePermille: IntegerRange;
  /** Attempts that end with an exit code of their own. */
  readonly applicationFailure: Ratio;
  /** From SIGTERM until the program has ended by itself. */
  readonly termExitMs: IntegerRange;
  /** Programs that ignore SIGTERM and end by SIGKILL when their grace is over. */
  readonly termIgnored: Ratio;
  /** From the end of the program until its node confirms that nothing is left. */
  readonly stopConfirmMs: IntegerRange;
  /** Draw of a running attempt, in thousandths of what its bound and its cap allow above idle. */
  readonly drawPermille: IntegerRange;
  /** Slow noise on that draw, in thousandths, both ways. */
  readonly noisePermille: number;
  /** How long the noise keeps a value. */
  readonly noiseSlotMs: number;
  /** From a new cap until a node holds it and says so. */
  readonly capDelayMs: IntegerRange;
  /** Orders that a node never carries out, nor answers. */
  readonly capLost: Ratio;
  /** Failures per node-hour. */
  readonly nodeFailure: Ratio;
  /** From the loss of a node until the cluster itself powers it off, when nobody asked before. */
  readonly fenceAfterMs: IntegerRange;
  /** From the wish to power off until the BMC confirms. */
  readonly powerOffMs: IntegerRange;
  /** From power-off until the node asks to come back. */
  readonly repairMs: IntegerRange;
  /** First wait before a node asks again to come back; doubles up to the maximum. */
  readonly readyRepeatMs: IntegerRange;
  /** How often a node asks before it waits for the next complete wish of the scheduler. */
  readonly readyRepeatsMax: number;
}

/** A calm cluster: jobs end inside their walltime, no node fails. */
const defaultPhysics: Physics = {
  startDelayMs: { min: 2_000, max: 20_000 },
  startFailure: { numerator: 0, denominator: 1 },
  runtimePermille: { min: 300, max: 950 },
  applicationFailure: { numerator: 1, denominator: 20 },
  termExitMs: { min: 200, max: 10_000 },
  termIgnored: { numerator: 1, denominator: 10 },
  stopConfirmMs: { min: 100, max: 2_000 },
  // Eight-GPU H100 nodes in training draw 7.0 of 7.4 kW at the median (MLPerf Training v4.0 power
  // logs); inference and single-GPU jobs draw less.
  drawPermille: { min: 550, max: 960 },
  noisePermille: 30,
  noiseSlotMs: 300_000,
  capDelayMs: { min: 50, max: 1_000 },
  capLost: { numerator: 0, denominator: 1 },
  nodeFailure: { numerator: 0, denominator: 1 },
  fenceAfterMs: { min: 300_000, max: 600_000 },
  powerOffMs: { min: 1_000, max: 10_000 },
  repairMs: { min: 600_000, max: 14_400_000 },
  readyRepeatMs: { min: 30_000, max: 3_600_000 },
  readyRepeatsMax: 24,
};

/** A year, so that no drawn moment can leave the exact integers. */
const durationMsMax = 366 * 86_400_000;

function isRange(value: unknown): value is IntegerRange {
  return typeof value === "object" && value !== null && "min" in value && "max" in value;
}

function problemOf(value: Physics[keyof Physics]): string | undefined {
  if (typeof value === "number") {
    return Number.isInteger(value) && value >= 0 && value <= durationMsMax
      ? undefined
      : `${value}: a whole number from 0 to ${durationMsMax} is allowed`;
  }
  if (isRange(value)) {
    return Number.isInteger(value.min) &&
      Number.isInteger(value.max) &&
      value.min >= 0 &&
      value.min <= value.max &&
      value.max <= durationMsMax
      ? undefined
      : `${value.min} to ${value.max}: whole numbers with 0 <= min <= max <= ${durationMsMax} are allowed`;
  }
  return Number.isInteger(value.numerator) &&
    Number.isInteger(value.denominator) &&
    value.numerator >= 0 &&
    value.numerator <= value.denominator &&
    value.denominator >= 1 &&
    value.denominator <= 2 ** 32
    ? undefined
    : `${value.numerator}/${value.denominator}: a ratio of whole numbers from 0 to 1 is allowed`;
}

/**
 * The calm cluster with some of its numbers replaced.
 *
 * @throws RangeError naming the option, what was found and what is allowed.
 */
export function physicsWith(changes: Partial<Physics>): Physics {
  const physics = { ...defaultPhysics, ...changes };
  for (const [name, value] of Object.entries<Physics[keyof Physics]>(physics)) {
    const problem = problemOf(value);
    if (problem !== undefined) {
      throw new RangeError(`physics option ${name} is ${problem}`);
    }
  }
  if (physics.drawPermille.max > 1000) {
    throw new RangeError(
      `physics option drawPermille reaches ${physics.drawPermille.max}: a draw above 1000 thousandths would break the bound`,
    );
  }
  if (physics.noiseSlotMs < 1_000) {
    throw new RangeError(
      `physics option noiseSlotMs is ${physics.noiseSlotMs}: 1000 or more is allowed, energy is summed slot by slot`,
    );
  }
  return physics;
}
