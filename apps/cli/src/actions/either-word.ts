import { UsageError } from "../usage-error.ts";

/** An option and its other name: the words of a neighbouring command are understood, too. */
export function eitherWord(
  option: readonly [name: string, value: string | undefined],
  other: readonly [name: string, value: string | undefined],
): string | undefined {
  if (option[1] !== undefined && other[1] !== undefined) {
    throw new UsageError(`${option[0]} and ${other[0]} say the same`, "leave one out");
  }
  return option[1] ?? other[1];
}
