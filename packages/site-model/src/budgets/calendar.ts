/** The Gregorian calendar in whole numbers: this package has no clock and no time zone database. */

const minuteMs: number = 60_000;
export const dayMinutes: number = 1_440;
const dayMs = dayMinutes * minuteMs;
const daysPerWeek = 7;

/** Days of a 400-year cycle, of the years before 1970, and of the months from March on. */
const cycleDays = 146_097;
const epochDays = 719_468;

export interface Day {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly dayOfMonth: number;
}

/**
 * Days since 1970-01-01. Counting years from March puts the leap day at the end of a year.
 * Source: H. Hinnant, "chrono-compatible low-level date algorithms".
 */
export function daysSinceEpoch({ year, month, dayOfMonth }: Day): number {
  const shifted = month <= 2 ? year - 1 : year;
  const cycle = Math.floor(shifted / 400);
  const yearOfCycle = shifted - cycle * 400;
  const monthFromMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + dayOfMonth - 1;
  const dayOfCycle =
    yearOfCycle * 365 + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100) + dayOfYear;
  return cycle * cycleDays + dayOfCycle - epochDays;
}

/** 1 to 12, of a day counted from 1970-01-01. The reverse of {@link daysSinceEpoch}. */
export function monthOf(day: number): number {
  const shifted = day + epochDays;
  const dayOfCycle = shifted - Math.floor(shifted / cycleDays) * cycleDays;
  const yearOfCycle = Math.floor(
    (dayOfCycle -
      Math.floor(dayOfCycle / 1_460) +
      Math.floor(dayOfCycle / 36_524) -
      Math.floor(dayOfCycle / (cycleDays - 1))) /
      365,
  );
  const dayOfYear =
    dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  return monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
}

/** 1 is Monday, 7 is Sunday; 1970-01-01 was a Thursday. */
export function dayOfWeek(day: number): number {
  const fromMonday = (day + 3) % daysPerWeek;
  return (fromMonday < 0 ? fromMonday + daysPerWeek : fromMonday) + 1;
}

/** The local day in which a moment lies, counted from 1970-01-01. */
export function localDayOf(atMs: number, utcOffsetMinutes: number): number {
  return Math.floor((atMs + utcOffsetMinutes * minuteMs) / dayMs);
}

/** The moment a number of minutes after local midnight of a day. */
export function momentOf(day: number, minute: number, utcOffsetMinutes: number): number {
  return day * dayMs + (minute - utcOffsetMinutes) * minuteMs;
}

export function daysInMonth(year: number, month: number): number {
  const next = month === 12 ? { year: year + 1, month: 1 } : { year, month: month + 1 };
  return (
    daysSinceEpoch({ ...next, dayOfMonth: 1 }) - daysSinceEpoch({ year, month, dayOfMonth: 1 })
  );
}
