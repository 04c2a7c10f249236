import {
  formatMilliseconds,
  formatWatts,
  formatWattsUp,
  milliseconds,
  watts,
} from "@ertis/quantities";

/** `4.20 MW`. */
export function showWatts(powerWatts: number): string {
  return formatWatts(watts(powerWatts));
}

/** The same, never less than it is: what is accepted when it is typed back. */
export function showWattsUp(powerWatts: number): string {
  return formatWattsUp(watts(Math.max(0, powerWatts)));
}

const energyUnits = ["Wh", "kWh", "MWh", "GWh"] as const;

/** `415.0 kWh`, `9.2 MWh`: joules are for programs. */
export function showEnergy(joules: bigint): string {
  let amount = Number(joules) / 3_600;
  let step = 0;
  // What would be rounded up to a thousand is told in the next unit.
  while (amount >= 999.95 && step < energyUnits.length - 1) {
    amount /= 1_000;
    step += 1;
  }
  return `${amount.toFixed(1)} ${energyUnits[step] ?? ""}`;
}

/** `2 h 30 min`; under a second counts as `0 s`. */
export function showDuration(lengthMs: number): string {
  const wholeMs = Math.floor(Math.max(0, lengthMs) / 1_000) * 1_000;
  return formatMilliseconds(milliseconds(wholeMs));
}

/** `12,288`: digits in groups, the same in every locale. */
export function showCount(count: number | bigint): string {
  return count.toString().replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** `2026-11-25 18:30:05` in this machine's time zone. */
export function showTime(timeMs: number): string {
  const date = new Date(timeMs);
  const day = [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())];
  return `${day.join("-")} ${showTimeOfDay(timeMs)}`;
}

/** `18:30:05` in this machine's time zone. */
export function showTimeOfDay(timeMs: number): string {
  const date = new Date(timeMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
}

/** `2026-11-25 18:30:05 (in 2 h)`, seen from `nowMs`; within a second of it `(now)`. */
export function showTimeFrom(timeMs: number, nowMs: number): string {
  const distanceMs = timeMs - nowMs;
  if (Math.abs(distanceMs) < 1_000) {
    return `${showTime(timeMs)} (now)`;
  }
  const length = showDuration(Math.abs(distanceMs));
  return `${showTime(timeMs)} (${distanceMs >= 0 ? `in ${length}` : `${length} ago`})`;
}

/** `JOB_STATE_RUNNING` and the prefix `JOB_STATE_` give `running`; a value of a newer server its number. */
export function showEnum<Value extends number>(
  value: Value,
  toJson: (value: Value) => string,
  prefix: string,
): string {
  try {
    return toJson(value).slice(prefix.length).toLowerCase().replaceAll("_", " ");
  } catch {
    return `state ${value}`;
  }
}
