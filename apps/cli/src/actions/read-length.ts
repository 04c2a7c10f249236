import { readDuration } from "../job-file/parse-settings.ts";
import { UsageError } from "../usage-error.ts";

/** The length of time that an option gives, milliseconds. */
export function readLength(option: string, text: string): number {
  const read = readDuration(text);
  if (read.kind === "wrong") {
    throw new UsageError(`${option}: ${read.message}`);
  }
  return read.value;
}

/** How long what is ordered lasts, milliseconds; 0 = `--for` is not given. */
export function readFor(what: string, text: string | undefined): number {
  const lengthMs = text === undefined ? 0 : readLength("--for", text);
  if (text !== undefined && lengthMs === 0) {
    throw new UsageError(
      `--for ${text}: ${what} lasts longer than nothing`,
      "for example --for 4h",
    );
  }
  return lengthMs;
}

/** An end and a length say the same, and may contradict each other. */
export function checkOneEnd(option: string, end: string | undefined, length?: string): void {
  if (end !== undefined && length !== undefined) {
    throw new UsageError(`both ${option} and --for say when it ends`, "leave one out");
  }
}
