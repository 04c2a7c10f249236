import { type Parsed, quoted, refused, scaledDecimal } from "./parsed.ts";
import { type Watts, watts } from "./quantity.ts";

const wattsPerUnit: ReadonlyMap<string, bigint> = new Map([
  ["W", 1n],
  ["kW", 1_000n],
  ["MW", 1_000_000n],
  ["GW", 1_000_000_000n],
]);

const how = 'write a number and W, kW, MW or GW, for example "300 MW" or "10.2 kW"';

/**
 * Reads `300 MW`, `10.2 kW`, `930 W`. Exact, and whole watts or nothing: `0.5 W` is refused. Case
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
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    return refused(`${quoted(text)} is more than can be counted exactly (9007 TW)`);
  }
  return { kind: "ok", value: watts(Number(value)) };
}
