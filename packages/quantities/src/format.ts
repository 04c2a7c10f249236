import { type Milliseconds, milliseconds, toNumber, type Watts, watts } from "./quantity.ts";

const prefixes: readonly string[] = ["", "k", "M", "G", "T", "P"];

/**
 * Three significant digits with an SI prefix, none behind the point without one. In whole numbers, so that equal
 * inputs print equally everywhere.
 */
function threeDigits(value: bigint, unit: string): string {
  let size = 1n;
  for (const [step, prefix] of prefixes.entries()) {
    const last = step === prefixes.length - 1;
    for (const decimals of step === 0 ? [0] : [2, 1, 0]) {
      const shift = 10n ** BigInt(decimals);
      const digits = (value * shift * 2n + size) / (size * 2n);
      if (digits < 1000n || (last && decimals === 0)) {
        const whole = digits / shift;
        const fraction =
          decimals === 0 ? "" : `.${(digits % shift).toString().padStart(decimals, "0")}`;
        return `${whole}${fraction} ${prefix}${unit}`;
      }
    }
    size *= 1000n;
  }
  return `${value} ${unit}`;
}

/** For people: `4.20 MW`, `10.2 kW`, `930 W`. Three significant digits, half rounds up. */
export function formatWatts(power: Watts): string {
  return threeDigits(BigInt(toNumber(power)), "W");
}

const mostDigits = 999;

/** The least of three digits that is no less. */
export function roundWattsUp(power: Watts): Watts {
  return threeDigitsBy(Math.ceil, power);
}

function threeDigitsBy(round: (value: number) => number, power: Watts): Watts {
  const value = toNumber(power);
  let lastDigit = 1;
  while (round(value / lastDigit) > mostDigits) {
    lastDigit *= 10;
  }
  return watts(round(value / lastDigit) * lastDigit);
}

/** Like `formatWatts`, never less than it is: for the least that is accepted when somebody types it back. */
export function formatWattsUp(power: Watts): string {
  return formatWatts(roundWattsUp(power));
}

/** Like `formatWatts`, never more than it is: for the most that is accepted when somebody types it back. */
export function formatWattsDown(power: Watts): string {
  return formatWatts(threeDigitsBy(Math.floor, power));
}

const units: readonly (readonly [name: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
  ["ms", 1],
];

/** For people: `1 d 12 h`, `2 h 30 min`, `45 s`, `930 ms`. The two largest units, rest dropped. */
export function formatMilliseconds(duration: Milliseconds): string {
  const total = toNumber(duration);
  for (const [index, [name, ms]] of units.entries()) {
    if (total < ms) {
      continue;
    }
    const first = `${Math.floor(total / ms)} ${name}`;
    const next = units[index + 1];
    const second = next === undefined ? 0 : Math.floor((total % ms) / next[1]);
    return second === 0 || next === undefined ? first : `${first} ${second} ${next[0]}`;
  }
  return "0 s";
}

/** The same, never less than it is: for the least that is accepted when somebody types it back. */
export function formatMillisecondsUp(duration: Milliseconds): string {
  const total = toNumber(duration);
  const largest = units.findIndex(([, ms]) => total >= ms);
  const [, ms] = units[Math.min(largest + 1, units.length - 1)] ?? ["ms", 1];
  // Rounded up it may be one of the next larger unit, which shows no less of it.
  return largest === -1
    ? formatMilliseconds(duration)
    : formatMilliseconds(milliseconds(Math.ceil(total / ms) * ms));
}
