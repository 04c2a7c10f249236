import { formatMilliseconds, milliseconds } from "@ertis/quantities";

/** `12.3 MW`, `850 kW`, `40 W`. */
export function wattsText(value: number): string {
  if (Math.abs(value) >= 1e6) {
    return `${trimmed(value / 1e6)} MW`;
  }
  return Math.abs(value) >= 1e3 ? `${trimmed(value / 1e3)} kW` : `${Math.round(value)} W`;
}

export function percentText(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

/** Where there is nothing to take a mean of. */
export const noneText = "–";

/** Of what is above 100 %: as many digits as it takes to see it. */
export function percentAboveText(part: number): string {
  const digits = [1, 2, 3].find((count) => Number((part * 100).toFixed(count)) > 100) ?? 4;
  return `${(part * 100).toFixed(digits)} %`;
}

/** `3 d 4 h`, `2 h 5 min`, `12.0 s`. */
export function secondsText(seconds: number): string {
  if (seconds < 60) {
    return `${seconds.toFixed(1)} s`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${hours} h ${minutes % 60} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function numberText(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const [whole = "", fraction] = value.toFixed(digits).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** A whole number. */
export function countText(count: number): string {
  return numberText(count).replace(/\.\d+$/, "");
}

/** UTC to the minute. */
export function momentText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

/** UTC to the second: what is compared with one to the second. */
export function preciseText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

/** Of milliseconds: `9 min 4 s`, `217 ms`. */
export function lengthText(ms: number): string {
  return formatMilliseconds(milliseconds(ms));
}

function trimmed(value: number): string {
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}
