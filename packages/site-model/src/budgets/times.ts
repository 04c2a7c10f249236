import { quotedText, type TextResult } from "../reader/index.ts";
import { dayMinutes, daysInMonth, daysSinceEpoch, momentOf } from "./calendar.ts";

const momentForm = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?(?:Z|([+-])(\d\d):(\d\d))$/;
const firstYear = 2000;
const lastYear = 2199;

/** Reads `2026-11-01T18:00+05:00`; the offset is required. Milliseconds since 1970 in UTC. */
export function readMoment(text: string): TextResult<number> {
  const how = "write for example 2026-11-01T18:00+05:00";
  const match = momentForm.exec(text);
  if (match === null) {
    return { wrong: `${quotedText(text)} is not a moment with an offset from UTC: ${how}` };
  }
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, dayOfMonth] = [part(1), part(2), part(3)];
  const offset = (match[7] === "-" ? -1 : 1) * (part(8) * 60 + part(9));
  const isOnCalendar =
    year >= firstYear &&
    year <= lastYear &&
    month >= 1 &&
    month <= 12 &&
    dayOfMonth >= 1 &&
    dayOfMonth <= daysInMonth(year, month);
  const isOnClock = part(4) <= 23 && part(5) <= 59 && part(6) <= 59;
  if (!isOnCalendar || !isOnClock || part(9) > 59 || Math.abs(offset) > mostOffsetMinutes) {
    return {
      wrong: `${quotedText(text)} is on no calendar or clock of ${firstYear} to ${lastYear}: ${how}`,
    };
  }
  const day = daysSinceEpoch({ year, month, dayOfMonth });
  return { value: momentOf(day, part(4) * 60 + part(5), offset) + part(6) * 1_000 };
}

const mostOffsetMinutes = 14 * 60;

/** Reads `+05:00`; minutes east of Greenwich. */
export function readOffset(text: string): TextResult<number> {
  const match = /^([+-])(\d\d):([0-5]\d)$/.exec(text);
  const minutes = Number(match?.[2] ?? 99) * 60 + Number(match?.[3] ?? 0);
  return minutes > mostOffsetMinutes
    ? { wrong: `${quotedText(text)} is not an offset from UTC: write for example "+05:00"` }
    : { value: match?.[1] === "-" ? -minutes : minutes };
}

export interface DayPart {
  /** Minutes after midnight, 0 to 1439. */
  readonly startMinute: number;
  /** Above the start; above 1440 on the next day. */
  readonly endMinute: number;
}

export const wholeDay: DayPart = { startMinute: 0, endMinute: dayMinutes };

/** Reads `18:00..22:00`; an end that is not later than the start is on the next day. */
export function readDayPart(text: string): TextResult<DayPart> {
  const match = /^([01]\d|2[0-3]):([0-5]\d)\.\.([01]\d|2[0-4]):([0-5]\d)$/.exec(text);
  const part = (index: number): number => Number(match?.[index] ?? 0);
  const startMinute = part(1) * 60 + part(2);
  const end = part(3) * 60 + part(4);
  if (match === null || end > dayMinutes) {
    return {
      wrong: `${quotedText(text)} are no hours of a day: write for example "18:00..22:00", or "22:00..06:00" for a night`,
    };
  }
  return { value: { startMinute, endMinute: end > startMinute ? end : end + dayMinutes } };
}
