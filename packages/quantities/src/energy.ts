import { type Milliseconds, toNumber, type Watts } from "./quantity.ts";

declare const unit: unique symbol;

/**
 * Energy in watt-milliseconds (millijoules), exact. A bigint, because 300 MW passes 2^53 joules in
 * a year and 2^53 millijoules in a few hours.
 */
export interface Energy {
  readonly [unit]: "energy";
}

export const noEnergy: Energy = 0n as unknown as Energy;

/** Constant power over a duration. Exact: watts times milliseconds are millijoules. */
export function energyOf(power: Watts, duration: Milliseconds): Energy {
  return (BigInt(toNumber(power)) * BigInt(toNumber(duration))) as unknown as Energy;
}

export function addEnergy(a: Energy, b: Energy): Energy {
  return ((a as unknown as bigint) + (b as unknown as bigint)) as unknown as Energy;
}

export function toMillijoules(energy: Energy): bigint {
  return energy as unknown as bigint;
}

/** @throws RangeError when negative. */
export function millijoules(value: bigint): Energy {
  if (value < 0n) {
    throw new RangeError(`${value} millijoules: energy used is never negative`);
  }
  return value as unknown as Energy;
}

/** Whole joules, rounded down. For the wire; ledgers keep the exact value. */
export function toJoulesFloor(energy: Energy): bigint {
  return toMillijoules(energy) / 1000n;
}
