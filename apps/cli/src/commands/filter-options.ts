import { type Command, InvalidArgumentError } from "commander";
import { collect } from "./options.ts";

/** A whole number from 0 on. */
export function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new InvalidArgumentError("It must be a whole number.");
  }
  return Number(text);
}

export function parseCount(text: string): number {
  const count = parseWhole(text);
  if (count === 0) {
    throw new InvalidArgumentError("It must be 1 or more.");
  }
  return count;
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
