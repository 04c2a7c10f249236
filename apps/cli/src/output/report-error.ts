import type { ErtisError } from "@ertis/client";
import { type ExitCode, exitCodes, toExitCode } from "../exit-codes.ts";
import { findStyle, paint } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable } from "../terminal/text.ts";
import { sayFields } from "./field-words.ts";
import { UsageError } from "../usage-error.ts";

/** By its shape, so that reporting a wrong flag does not load gRPC. */
function isErtisError(error: unknown): error is ErtisError {
  return error instanceof Error && error.name === "ErtisError" && "fieldViolations" in error;
}

function describe(error: ErtisError, isVerbose: boolean): readonly string[] {
  const lines = [sayFields(error.message)];
  for (const { field, description } of error.fieldViolations) {
    // The sentence may name them all already.
    if (!error.message.includes(description)) {
      lines.push(sayFields(`  ${field}: ${description}`));
    }
  }
  if (error.isOutcomeUnknown && error.code !== "UNAVAILABLE") {
    lines.push("  it is not known whether the scheduler did it");
  }
  if (isVerbose) {
    const id = error.requestId === "" ? "" : `, request id ${error.requestId}`;
    const reason = error.reason === "" ? "" : `, reason ${error.reason}`;
    lines.push(`  code ${error.code}${reason}${id}`);
  }
  return lines;
}

/** Says what happened, why and what to do, and gives the exit code. */
export function reportError(terminal: Terminal, error: unknown, isVerbose: boolean): ExitCode {
  const style = findStyle(terminal.env, terminal.stderr);
  const say = (lines: readonly string[], advice: string): void => {
    const text = lines.flatMap((line) => line.split("\n")).map(toPrintable);
    const [first = "", ...rest] = text;
    terminal.stderr.write(
      [`${paint(style, "bad", "error:")} ${first}`, ...rest.map((line) => `       ${line}`)]
        .join("\n")
        .concat("\n"),
    );
    if (advice !== "") {
      terminal.stderr.write(`  ${paint(style, "dim", "do:")} ${toPrintable(advice)}\n`);
    }
  };
  if (terminal.interrupt.aborted) {
    return exitCodes.interrupted;
  }
  if (error instanceof UsageError) {
    say([error.message], error.advice);
    return exitCodes.usage;
  }
  if (isErtisError(error)) {
    say(describe(error, isVerbose), error.advice);
    return toExitCode(error.code, error.reason);
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error && isVerbose ? (error.stack ?? "").split("\n").slice(1) : [];
  say([`something unexpected happened: ${message}`, ...stack], "run it again with -v for details");
  return exitCodes.generic;
}
