import type { Located, Problems } from "./problems.ts";
import { describe, type Value } from "./value.ts";
import { listed, quotedText } from "./words.ts";

/** The value, or a sentence about what is wrong with the text. */
export type TextResult<T> = { readonly value: T } | { readonly wrong: string };
export type TextParser<T> = (text: string) => TextResult<T>;

/** Reads a text. A wrong one is reported; then the value is undefined, and only its place is known. */
export function readText<T>(
  problems: Problems,
  value: Value | undefined,
  parse: TextParser<T>,
): Located<T | undefined> | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (value.kind !== "text") {
    problems.add(value.at, `found ${describe(value)}, but a single value is expected`);
    return { value: undefined, at: value.at };
  }
  const parsed = parse(value.text);
  if ("wrong" in parsed) {
    problems.add(value.at, parsed.wrong);
    return { value: undefined, at: value.at };
  }
  return { value: parsed.value, at: value.at };
}

/** One of these words; `later` holds words that a later version of Ertis reads, and what they are for. */
export function oneOf<T extends string>(
  allowed: readonly T[],
  later?: ReadonlyMap<string, string>,
): TextParser<T> {
  return (text) => {
    const found = allowed.find((word) => word === text);
    if (found !== undefined) {
      return { value: found };
    }
    const reserved = later?.get(text);
    return reserved === undefined
      ? { wrong: `found ${quotedText(text)}, allowed are ${listed(allowed)}` }
      : { wrong: `"${text}" (${reserved}) comes later: use ${listed(allowed)}` };
  };
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most: number): TextParser<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most
      ? { value }
      : {
          wrong: `found ${quotedText(text)}, but a whole number from ${least} to ${most} is allowed`,
        };
  };
}

/** Whether a text says where a figure is from: a name of some length, or that it is an assumption. */
export function namesSource(text: string): boolean {
  return /\bassumption\b/i.test(text) || text.trim().length >= 10;
}
