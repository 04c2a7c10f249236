import { ok, quote, type Read, readDuration, wrong } from "./parse-settings.ts";

const howInstant =
  'write "now+2h", "18:30", "2026-11-25T18:30" (this machine\'s time zone) or "2026-11-25T18:30:00Z"';

const twoDigits = (value: number): string => String(value).padStart(2, "0");

function readTimeOfDay(text: string, nowMs: number): Read<number> {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
  if (hours > 23 || minutes > 59 || seconds > 59) {
    return wrong(
      `${text} is not a time of day, which is 0:00 to 23:59, or to 23:59:59${midnight(hours)}`,
    );
  }
  const date = new Date(nowMs);
  date.setHours(hours, minutes, seconds, 0);
  if (date.getTime() <= nowMs) {
    date.setDate(date.getDate() + 1);
    // Of a day that skips it the first look may have moved it on.
    date.setHours(hours, minutes, seconds, 0);
  }
  const time = `${twoDigits(hours)}:${twoDigits(minutes)}`;
  return isSkipped(date, time) ? skipped(time) : ok(date.getTime());
}

/** `Date` counts on from what the clocks skip in spring. */
function isSkipped(date: Date, time: string): boolean {
  return time !== [date.getHours(), date.getMinutes()].map(twoDigits).join(":");
}

function skipped(text: string): Read<number> {
  return wrong(`${quote(text)} does not exist: the clocks of this machine's time zone skip it`);
}

/** ISO 8601 lets a day end with 24:00; one way to write each instant leaves no doubt which day is meant. */
function midnight(hours: number): string {
  return hours === 24 ? "; midnight is 00:00 of the day that begins with it" : "";
}

const monthNames = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

function daysIn(year: number, month: number): number {
  const date = new Date(0);
  // Not Date.UTC: that takes the years 0 to 99 for those of the last century.
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
}

/** What is wrong with the day or the time of day; undefined: both exist. `Date` would count on into the next. */
function faultOf(year: number, month: number, day: number, time: string): string | undefined {
  const monthName = monthNames[month - 1];
  if (monthName === undefined) {
    return `there is no month ${twoDigits(month)}`;
  }
  const dayCount = daysIn(year, month);
  if (day < 1 || day > dayCount) {
    return `${monthName} ${year} has the days 1 to ${dayCount}, not ${day}`;
  }
  const [hours = 0, minutes = 0, seconds = 0] = time.split(":").map(Number);
  return hours > 23 || minutes > 59 || seconds > 59
    ? `${time} is not a time of day, which is 00:00 to 23:59:59${midnight(hours)}`
    : undefined;
}

const written = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?)?$/;

function readDate(text: string): Read<number> {
  const found = written.exec(text);
  if (/^now\s*-/.test(text)) {
    return wrong(`${quote(text)} is in the past: ${howInstant}`);
  }
  if (found === null) {
    return wrong(`${quote(text)} is not a point in time: ${howInstant}`);
  }
  // A date alone would be midnight in UTC; people mean their own midnight.
  const [, year = "", month = "", day = "", time = "00:00", zone = ""] = found;
  const fault = faultOf(Number(year), Number(month), Number(day), time);
  if (fault !== undefined) {
    return wrong(`${quote(text)} does not exist: ${fault}`);
  }
  const timeMs = Date.parse(`${year}-${month}-${day}T${time}${zone}`);
  if (!Number.isFinite(timeMs)) {
    return wrong(`${quote(text)} is not a point in time: ${howInstant}`);
  }
  return zone === "" && isSkipped(new Date(timeMs), time.slice(0, 5)) ? skipped(text) : ok(timeMs);
}

/** An instant in milliseconds since the Unix epoch; a time of day is the next one to come. */
export function readInstant(text: string, nowMs: number): Read<number> {
  const trimmed = text.trim();
  const relative = /^(?:now)?\s*\+\s*(.+)$/.exec(trimmed);
  if (trimmed === "now") {
    return ok(nowMs);
  }
  if (relative !== null) {
    const length = readDuration(relative[1] ?? "");
    return length.kind === "ok" ? ok(nowMs + length.value) : length;
  }
  return /^\d{1,2}:\d\d(?::\d\d)?$/.test(trimmed)
    ? readTimeOfDay(trimmed, nowMs)
    : readDate(trimmed);
}
