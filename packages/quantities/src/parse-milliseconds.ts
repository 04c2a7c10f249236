import { type Parsed, quoted, refused, scaledDecimal } from "./parsed.ts";
import { type Milliseconds, milliseconds } from "./quantity.ts";

const second = 1_000n;
const minute = 60n * second;
const hour = 60n * minute;
const day = 24n * hour;

const unitMs: ReadonlyMap<string, bigint> = new Map([
  ...["d", "day", "days"].map((name) => [name, day] as const),
  ...["h", "hr", "hrs", "hour", "hours"].map((name) => [name, hour] as const),
  ...["m", "min", "mins", "minute", "minutes"].map((name) => [name, minute] as const),
  ...["s", "sec", "secs", "second", "seconds"].map((name) => [name, second] as const),
  ...["ms", "millisecond", "milliseconds"].map((name) => [name, 1n] as const),
]);

const how = 'write for example "30 minutes", "2h", "1h 30m", "12:00:00" or "1-12:00:00"';

function checked(text: string, value: bigint): Parsed<Milliseconds> {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    return refused(`${quoted(text)} is longer than can be counted exactly (285,000 years)`);
  }
  return { kind: "ok", value: milliseconds(Number(value)) };
}

/** Slurm's `HH:MM:SS`, `D-HH`, `D-HH:MM` and `D-HH:MM:SS`. */
function parseClock(text: string): Parsed<Milliseconds> {
  const match = /^(?:(\d{1,9})-)?(\d{1,9})(?::(\d\d))?(?::(\d\d))?$/.exec(text);
  if (match === null) {
    return refused(`${quoted(text)} is not a duration: ${how}`);
  }
  const [, days, hours = "0", minutes, seconds] = match;
  if (days === undefined && seconds === undefined) {
    return refused(
      `${quoted(text)} could mean hours and minutes or minutes and seconds: write all three, ` +
        'for example "00:30:00", or a unit, for example "30 minutes"',
    );
  }
  if (Number(minutes ?? 0) > 59 || Number(seconds ?? 0) > 59) {
    return refused(`${quoted(text)} has minutes or seconds above 59: ${how}`);
  }
  if (days !== undefined && Number(hours) > 23) {
    return refused(`${quoted(text)} has hours above 23 beside days: ${how}`);
  }
  return checked(
    text,
    BigInt(days ?? 0) * day +
      BigInt(hours) * hour +
      BigInt(minutes ?? 0) * minute +
      BigInt(seconds ?? 0) * second,
  );
}

/** `2h`, `30 minutes`, `1h 30m`: larger units first, each at most once. */
function parseUnits(text: string): Parsed<Milliseconds> {
  let rest = text;
  let total = 0n;
  let previous = day + 1n;
  while (rest !== "") {
    const match = /^(\d{1,16})(?:\.(\d{1,9}))?\s{0,3}([A-Za-z]{1,12})\s{0,3}/.exec(rest);
    const [all = "", whole = "", fraction = "", unit = ""] = match ?? [];
    if (match === null) {
      return refused(`${quoted(text)} is not a duration: ${how}`);
    }
    const factor = unitMs.get(unit);
    if (factor === undefined) {
      return refused(
        `${quoted(text)} has the unknown unit ${quoted(unit)}: use d, h, min, s or ms`,
      );
    }
    if (factor >= previous) {
      return refused(`${quoted(text)} must name larger units first, each once: ${how}`);
    }
    const value = scaledDecimal(whole, fraction, factor);
    if (value === undefined) {
      return refused(`${quoted(text)} is not a whole number of milliseconds: write fewer decimals`);
    }
    total += value;
    previous = factor;
    rest = rest.slice(all.length);
  }
  return checked(text, total);
}

/**
 * Reads a duration as people and Slurm write it: `30 minutes`, `2h`, `90s`, `1h 30m`, `12:00:00`,
 * `1-12:00:00`. A bare number and `30:00` are refused, because their meaning differs between tools.
 */
export function parseMilliseconds(text: string): Parsed<Milliseconds> {
  const trimmed = text.trim();
  if (/^\d{1,16}$/.test(trimmed)) {
    return refused(`${quoted(text)} has no unit: ${how}`);
  }
  return trimmed.length > 60 || !/[A-Za-z]/.test(trimmed)
    ? parseClock(trimmed)
    : parseUnits(trimmed);
}
