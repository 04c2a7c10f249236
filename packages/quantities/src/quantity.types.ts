/**
 * Proof, at compile time, that units do not mix. Not a `.test.ts`, so that the package's own type
 * check compiles it: a line that stops being an error fails the check as an unused expectation.
 */
import { energyOf } from "./energy.ts";
import { add, between, type Instant, type Milliseconds, type Watts } from "./quantity.ts";

declare const power: Watts;
declare const otherPower: Watts;
declare const duration: Milliseconds;
declare const moment: Instant;

/** Never called: only its types are checked. */
export function allowed(): readonly unknown[] {
  return [
    add(power, otherPower),
    power < otherPower,
    between(moment, moment),
    energyOf(power, duration),
  ];
}

/** Never called: only its types are checked. */
export function refusedByTheCompiler(): readonly unknown[] {
  return [
    // @ts-expect-error Watts and milliseconds do not add up.
    add(power, duration),
    // @ts-expect-error Instants do not add up.
    add(moment, moment),
    // @ts-expect-error A plain number has no unit.
    add(power, 5),
    // @ts-expect-error Plain arithmetic goes through the helpers.
    power + otherPower,
    // @ts-expect-error Plain arithmetic goes through the helpers.
    power * 2,
    // @ts-expect-error Different units do not compare.
    power < duration,
    // @ts-expect-error Different units are never equal.
    power === duration,
    // @ts-expect-error A moment is not a duration.
    duration <= moment,
    // @ts-expect-error A duration is not a moment.
    between(duration, moment),
    // @ts-expect-error The order matters: power, then duration.
    energyOf(duration, power),
  ];
}

/** Never called: only its types are checked. */
export function wrapped(): readonly unknown[] {
  // @ts-expect-error A plain number is not a power: use watts().
  const bare: Watts = 300;
  // @ts-expect-error A power is not a plain number: use toNumber().
  const leaked: number = power;
  return [bare, leaked];
}
