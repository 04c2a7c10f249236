import { CurtailmentMode, type CurtailmentSpec } from "@ertis/api";
import { parseWatts, toNumber } from "@ertis/quantities";
import { readTier } from "../job-file/bending.ts";
import { readInstant } from "../job-file/read-instant.ts";
import { showDuration, showTime } from "../output/format.ts";
import { eitherWord } from "./either-word.ts";
import { checkOneEnd, readFor, readLength } from "./read-length.ts";
import { UsageError } from "../usage-error.ts";

/** Options that say what a curtailment asks. */
export interface CurtailFlags {
  readonly start?: string;
  /** The word of budgets for `start`. */
  readonly from?: string;
  readonly notice?: string;
  readonly end?: string;
  /** The word of budgets for `end`. */
  readonly until?: string;
  readonly for?: string;
  readonly ramp?: string;
  readonly mode: "planned" | "emergency";
  readonly reason?: string;
  /** As written: `50`, `50,25`. */
  readonly giveUp?: readonly string[];
}

const how = 'write "-30%" (of the hour before), "70%" or "210 MW"';
/** What is drawn when it begins is not known: a part of what was drawn says nothing about it. */
const forLater = `${how}; to hold load that may grow, give the power that it may come to`;
const permilleMax = 1_000;

/** `-30%` (30 % less than the baseline), `70%` (of it) or `210 MW`. */
export function readTarget(text: string): NonNullable<CurtailmentSpec["target"]> {
  const percent = /^([-\u2212]?)\s?(\d{1,3})(?:[.,](\d))?\s?%$/.exec(text.trim());
  if (percent !== null) {
    const permille = Number(percent[2]) * 10 + Number(percent[3] ?? 0);
    if (permille > permilleMax) {
      throw new UsageError(`the target ${text} is more than the whole`, forLater);
    }
    const isLess = percent[1] !== "";
    if (permille === (isLess ? 0 : permilleMax)) {
      throw new UsageError(`the target ${text} takes nothing off`, forLater);
    }
    return { $case: "targetPermille", value: isLess ? permilleMax - permille : permille };
  }
  if (text.trim().endsWith("%")) {
    throw new UsageError(
      `the target ${asTyped(text)}: a part of the baseline is at most 100 %, with at most one digit after the point, such as 12.5%`,
      how,
    );
  }
  if (/^[-\u2212]/.test(text.trim())) {
    throw new UsageError(
      `the target ${asTyped(text)}: a power is what may be drawn, 0 W or more; what is taken off is a part of the baseline, from -0.1% to -100%`,
      how,
    );
  }
  const parsed = parseWatts(text);
  if (parsed.kind === "error") {
    throw new UsageError(`the target: ${parsed.message}`, how);
  }
  return { $case: "targetWatts", value: toNumber(parsed.value) };
}

/** With the minus that a keyboard has. */
function asTyped(text: string): string {
  return text.replace("\u2212", "-");
}

function momentOf(option: string, text: string, nowMs: number): number {
  const read = readInstant(text, nowMs);
  if (read.kind === "wrong") {
    throw new UsageError(`${option}: ${read.message}`);
  }
  return read.value;
}

/** `now+2h` counts from now as `--start` does; a time of day is the next one after the start. */
function endOf(text: string, startMs: number, nowMs: number): number {
  const isFromNow = /^(?:now|\+)/.test(text.trim());
  return momentOf("--end", text, isFromNow ? nowMs : startMs);
}

/**
 * A time of day at the end that is not after the start's is the next day's: said, since it may be a slip of
 * the hand that makes half an hour a day. Undefined where nothing is to say.
 */
export function noteOfEnd(
  asked: CurtailFlags,
  { startTimeMs, endTimeMs }: Partial<CurtailmentSpec>,
  nowMs: number,
): string | undefined {
  const end = withOwnWords(asked).end?.trim();
  const startMs = startTimeMs === undefined || startTimeMs === 0 ? nowMs : startTimeMs;
  if (end === undefined || endTimeMs === undefined || !/^\d{1,2}:\d\d/.test(end)) {
    return undefined;
  }
  const isSameDay = new Date(startMs).toDateString() === new Date(endTimeMs).toDateString();
  return isSameDay
    ? undefined
    : `note: it ends the day after it begins: ${showTime(endTimeMs)}, ${showDuration(endTimeMs - startMs)} after the start`;
}

/** `--give-up 50 --give-up 25,10%`; a tier that is named twice is meant once. */
function readTiers(texts: readonly string[]): number[] {
  const percents = texts
    .flatMap((text) => text.split(","))
    .map((text) => {
      const read = readTier(text);
      if (read.kind === "wrong") {
        throw new UsageError(`--give-up: ${read.message}`);
      }
      return read.value;
    });
  return [...new Set(percents)].toSorted((a, b) => b - a);
}

interface CurtailTimes extends Omit<CurtailFlags, "start" | "end" | "from" | "until"> {
  readonly start: string | undefined;
  readonly end: string | undefined;
}

function withOwnWords({ start, from, end, until, ...flags }: CurtailFlags): CurtailTimes {
  return {
    ...flags,
    start: eitherWord(["--start", start], ["--from", from]),
    end: eitherWord(["--end", end], ["--until", until]),
  };
}

/** What is asked, with instants on the scheduler's clock. */
export function toCurtailmentSpec(
  { domainId, target }: { readonly domainId: string; readonly target: string },
  asked: CurtailFlags,
  nowMs: number,
): Partial<CurtailmentSpec> {
  const flags = withOwnWords(asked);
  if (flags.start !== undefined && flags.notice !== undefined) {
    throw new UsageError("both --start and --notice say when it begins", "leave one out");
  }
  checkOneEnd("--end", flags.end, flags.for);
  if (flags.end === undefined && flags.for === undefined) {
    throw new UsageError("the curtailment has no end", "add one of them: --for 4h, or --end 22:00");
  }
  const startMs =
    flags.start !== undefined
      ? momentOf("--start", flags.start, nowMs)
      : nowMs + (flags.notice === undefined ? 0 : readLength("--notice", flags.notice));
  const lengthMs = readFor("a curtailment", flags.for);
  const endMs = flags.for === undefined ? endOf(flags.end ?? "", startMs, nowMs) : 0;
  if (flags.for === undefined && endMs <= startMs) {
    throw new UsageError("the curtailment ends before it begins", "give a later --end");
  }
  const giveUp = readTiers(flags.giveUp ?? []);
  if (flags.mode === "planned" && giveUp.includes(0)) {
    throw new UsageError(
      "--give-up 0: a planned curtailment keeps the floors of jobs that tolerate nothing",
      "leave it out, or add --mode emergency",
    );
  }
  const isNow = flags.start === undefined && flags.notice === undefined;
  return {
    domainId,
    target: readTarget(target),
    mode: flags.mode === "emergency" ? CurtailmentMode.EMERGENCY : CurtailmentMode.PLANNED,
    startTimeMs: isNow ? 0 : startMs,
    endTimeMs: endMs,
    // Of one that begins now only the scheduler knows when that is.
    lengthMs,
    rampMs: flags.ramp === undefined ? 0 : readLength("--ramp", flags.ramp),
    reason: flags.reason ?? "",
    giveUpTierPercents: giveUp,
  };
}
