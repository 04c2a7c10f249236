/** Round steps from 0 to at least `highest`, four to eight of them. */
export function ticksTo(highest: number): readonly number[] {
  if (!(highest > 0)) {
    return [0, 1];
  }
  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const count = Math.max(1, Math.ceil(highest / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, at) => at * step);
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const steps: readonly number[] = [
  minuteMs,
  5 * minuteMs,
  15 * minuteMs,
  hourMs,
  3 * hourMs,
  6 * hourMs,
  12 * hourMs,
  dayMs,
  2 * dayMs,
  7 * dayMs,
  14 * dayMs,
  28 * dayMs,
  91 * dayMs,
];

export interface TimeTick {
  readonly atMs: number;
  readonly text: string;
  /** Its text is a day and no time of day. */
  readonly isDate: boolean;
}

/** Round moments in UTC inside a stretch of time, at most six. */
export function timeTicks(fromMs: number, untilMs: number): readonly TimeTick[] {
  const span = untilMs - fromMs;
  const step = steps.find((one) => span / one <= 6) ?? Math.ceil(span / 6 / dayMs) * dayMs;
  const ticks: TimeTick[] = [];
  for (let atMs = Math.ceil(fromMs / step) * step; atMs <= untilMs; atMs += step) {
    const isDate = step >= dayMs || (span > dayMs && atMs % dayMs === 0);
    ticks.push({ atMs, text: isDate ? dayText(atMs) : clockText(atMs), isDate });
  }
  return ticks;
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function dayText(atMs: number): string {
  const date = new Date(atMs);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()] ?? ""}`;
}

function clockText(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 16);
}
