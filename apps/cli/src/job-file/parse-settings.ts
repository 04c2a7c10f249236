import { parseMilliseconds, toNumber } from "@ertis/quantities";

/** What was written, in quotes, as far as it fits a line: a whole file may stand there by mistake. */
export function quote(text: string): string {
  const most = 60;
  const cut = Array.from(text).slice(0, most).join("");
  return cut === text
    ? JSON.stringify(text)
    : `${JSON.stringify(cut)} (cut, ${text.length} characters)`;
}

/** A value, or why it is none; the caller knows where the text stands. */
export type Read<Value> =
  | { readonly kind: "ok"; readonly value: Value }
  | { readonly kind: "wrong"; readonly message: string };

export const ok = <Value>(value: Value): Read<Value> => ({ kind: "ok", value });

export const wrong = (message: string): { readonly kind: "wrong"; readonly message: string } => ({
  kind: "wrong",
  message,
});

/** A whole number from `least` to `most`. */
export function readCount(text: string, least: number, most: number): Read<number> {
  const value = /^\d{1,10}$/.test(text.trim()) ? Number(text) : Number.NaN;
  return value >= least && value <= most
    ? ok(value)
    : wrong(`${quote(text)} is not a whole number from ${least} to ${most}`);
}

export function readSwitch(text: string): Read<boolean> {
  switch (text.trim().toLowerCase()) {
    case "true":
    case "yes":
      return ok(true);
    case "false":
    case "no":
      return ok(false);
    default:
      return wrong(`${quote(text)} is neither true nor false`);
  }
}

/** A length of time in milliseconds, as people and Slurm write it. */
export function readDuration(text: string): Read<number> {
  const parsed = parseMilliseconds(text);
  return parsed.kind === "ok" ? ok(toNumber(parsed.value)) : wrong(parsed.message);
}

/** An array as it is asked for: tasks 0 to `taskCount` − 1, at most `throttle` at once (0 = no throttle). */
export interface ArrayRange {
  readonly taskCount: number;
  readonly throttle: number;
}

/** What the contract can carry; what is really allowed, a smaller number, the scheduler knows. */
const mostTasks = 1_000_000_000;

/** Slurm's `0-99` and `0-99%10`. Indices count from 0 without gaps; other forms are refused by name. */
export function readArray(text: string): Read<ArrayRange> {
  const match = /^(\d+)-(\d+)(?:%(\d+))?$/.exec(text.trim());
  if (match === null) {
    return wrong(
      `${quote(text)} is not an array: write 0-99, or 0-99%10 for at most 10 at once; ` +
        "lists and steps do not exist here",
    );
  }
  const [first, last] = [Number(match[1]), Number(match[2])];
  if (last < first) {
    return wrong(`${quote(text)} ends before it begins: write the smaller number first`);
  }
  if (first !== 0) {
    return wrong(`${quote(text)} begins at ${first}: tasks count from 0, write 0-${last - first}`);
  }
  if (last >= mostTasks || Number(match[3] ?? 0) > mostTasks) {
    return wrong(`${quote(text)} is more than any array may have, ${mostTasks} tasks`);
  }
  if (match[3] !== undefined && Number(match[3]) === 0) {
    return wrong(`${quote(text)} would never run a task: write a number above 0 after %`);
  }
  return ok({ taskCount: last + 1, throttle: Number(match[3] ?? 0) });
}

/** How a job waited for must have ended. */
export type DependencyWord = "afterok" | "afterany" | "afternotok";

export interface DependencyWish {
  readonly jobId: string;
  readonly condition: DependencyWord;
}

function isDependencyWord(text: string): text is DependencyWord {
  return text === "afterok" || text === "afterany" || text === "afternotok";
}

/** Slurm's `afterok:1234`, `afterok:1234:1235,afterany:7`; a bare id means `afterok`. */
export function readDependencies(text: string): Read<readonly DependencyWish[]> {
  if (text.includes("?")) {
    return wrong(`${quote(text)}: "?" (any of them) does not exist here, all must hold`);
  }
  const wishes: DependencyWish[] = [];
  for (const part of text.split(",").map((each) => each.trim())) {
    const words = part.split(":");
    const [first = ""] = words;
    const condition = /^\d/.test(first) ? "afterok" : first;
    const ids = /^\d/.test(first) ? words : words.slice(1);
    if (!isDependencyWord(condition) || ids.length === 0) {
      return wrong(
        `${quote(part)} is not a dependency: write afterok:ID, afterany:ID or afternotok:ID`,
      );
    }
    for (const jobId of ids) {
      if (!/^\d{1,18}(_\d{1,9})?$/.test(jobId)) {
        return wrong(
          `${quote(jobId)} is not a job id, such as 1234 or 1234_7, which submit prints; jobs of one file have none yet`,
        );
      }
      wishes.push({ jobId, condition });
    }
  }
  return ok(wishes);
}
