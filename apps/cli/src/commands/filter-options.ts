import { type Command, InvalidArgumentError } from "commander";
import { collect } from "./options.ts";

/** A whole number from 0 on. */
const mostWhole = 999_999_999;

function parseFrom(least: number, text: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (value < least) {
    throw new InvalidArgumentError(
      `It must be a whole number from ${least} to ${mostWhole}, in digits only.`,
    );
  }
  return value;
}

export function parseWhole(text: string): number {
  return parseFrom(0, text);
}

export function parseCount(text: string): number {
  return parseFrom(1, text);
}

/** Adds the options that say which jobs. */
export function addFilterOptions(command: Command): Command {
  return command
    .optionsGroup("Which:")
    .option("--mine", "only my own")
    .option("--owner <person>", "submitted by this person")
    .option("--project <project>", "of this project")
    .option("--state <state>", "in this state; may be repeated", collect)
    .option("--name <prefix>", "with a name that begins so")
    .option("--label <key=value>", "with this label; may be repeated", collect)
    .option("--site <site>", "at this site");
}
