import type { PowerDomain } from "@ertis/api";
import { showCount, showDuration, showTimeOfDay, showWatts } from "../output/format.ts";

const secondMs = 1_000;
const minuteMs = 60_000;

type Ramped = Pick<PowerDomain, "rampWattsPerMinute" | "rampPerMs" | "rampWindowMs" | "rampRecord">;

/** How fast the mean draw of a domain may change, and what came that no plan made; nothing without a limit. */
export function toRampNote(
  domain: Ramped,
): readonly (readonly [tone: "dim" | "warn", text: string])[] {
  const { rampWattsPerMinute, rampPerMs, rampWindowMs, rampRecord } = domain;
  if (rampWattsPerMinute === undefined) {
    return [];
  }
  const isPerSecond = rampPerMs === secondMs;
  const watts = isPerSecond ? (rampWattsPerMinute * secondMs) / minuteMs : rampWattsPerMinute;
  const limit = `ramp: ${showWatts(watts)} a ${isPerSecond ? "second" : "minute"} on means over ${showDuration(rampWindowMs)}`;
  const came = rampRecord === undefined ? [] : toRecordWords(rampRecord);
  const isPassed = (rampRecord?.unplannedOverCount ?? 0) > 0;
  return [[isPassed ? "warn" : "dim", [limit, ...came].join("; ")]];
}

function toRecordWords(record: NonNullable<PowerDomain["rampRecord"]>): readonly string[] {
  const words: string[] = [];
  if (record.unplannedCount > 0) {
    const over = `${showCount(record.unplannedOverCount)} faster than that`;
    words.push(
      `${showCount(record.unplannedCount)} unplanned (${showWatts(record.unplannedWatts)}), ${over}, the last ${showTimeOfDay(record.lastUnplannedTimeMs)}`,
    );
  }
  if (record.emergencyCount > 0) {
    words.push(
      `${showCount(record.emergencyCount)} in emergencies (${showWatts(record.emergencyWatts)})`,
    );
  }
  return words;
}
