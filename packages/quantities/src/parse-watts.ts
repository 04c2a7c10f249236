import { type Parsed, quoted, refused, scaledDecimal } from "./parsed.ts";
import { toNumber, type Watts, watts } from "./quantity.ts";

const wattsPerUnit: ReadonlyMap<string, bigint> = new Map([
  ["W", 1n],
  ["kW", 1_000n],
  ["MW", 1_000_000n],
  ["GW", 1_000_000_000n],
]);

/** A domain's power travels as 32 bits (ADR 0008); no site is near it. */
export const mostPower: Watts = watts(4_000_000_000);

const how = 'write a number and W, kW, MW or GW, for example "300 MW" or "10.2 kW"';

/**
 * Reads `300 MW`, `10.2 kW`, `930 W`. Exact, and whole watts or nothing: `0.5 W` is refused, and so is more than 4 GW. Case
 * counts, because `mW` is a milliwatt.
 */
export function parseWatts(text: string): Parsed<Watts> {
  const match = /^(\d{1,16})(?:\.(\d{1,9}))?\s{0,3}([A-Za-z]{0,10})$/.exec(text.trim());
  if (match === null) {
    return refused(`${quoted(text)} is not a power: ${how}`);
  }
  const [, whole = "", fraction = "", unit = ""] = match;
  if (unit === "") {
    return refused(`${quoted(text)} has no unit: ${how}`);
  }
  const factor = wattsPerUnit.get(unit);
  if (factor === undefined) {
    return refused(`${quoted(text)} has the unknown unit ${quoted(unit)}: ${how}`);
  }
  const value = scaledDecimal(whole, fraction, factor);
  if (value === undefined) {
    return refused(`${quoted(text)} is not a whole number of watts: write fewer decimals`);
  }
  if (value > BigInt(toNumber(mostPower))) {
    return refused(`${quoted(text)} is more than any power here may be: at most 4 GW`);
  }
  return { kind: "ok", value: watts(Number(value)) };
}
