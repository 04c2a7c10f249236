import { parseWatts, type Watts } from "@ertis/quantities";
import type { Entry, Value } from "./document.ts";
import type { Located, Place, Problems } from "./problems.ts";
import { parseDecimal, type Ratio } from "./ratio.ts";
import { counted, didYouMean, listed, quotedText } from "./words.ts";

/** Which keys a block may have. */
export interface BlockShape {
  /** For messages, for example `a node class`. */
  readonly what: string;
  readonly keys: readonly string[];
  /** Keys that a later version of Ertis reads, with what they are for. */
  readonly later?: ReadonlyMap<string, string>;
}

/** An opened block: its known keys, and where it stands. */
export interface Block {
  readonly at: Place;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** Opens a map and reports every key that does not belong there. Undefined unless it is a map. */
export function openBlock(problems: Problems, value: Value, shape: BlockShape): Block | undefined {
  if (value.kind !== "map") {
    problems.add(
      value.at,
      `found ${describe(value)}, but ${shape.what} is a block with the keys ${listed(shape.keys)}`,
    );
    return undefined;
  }
  const known = [...shape.keys, ...(shape.later?.keys() ?? [])];
  for (const [key, { keyAt }] of value.entries) {
    const later = shape.later?.get(key);
    if (later !== undefined) {
      problems.add(keyAt, `"${key}" (${later}) comes later: remove it for now`);
    } else if (!shape.keys.includes(key)) {
      problems.add(
        keyAt,
        `unknown key ${quotedText(key)} in ${shape.what}${didYouMean(key, known)}: allowed are ${listed(shape.keys)}`,
      );
    }
  }
  return { at: value.at, entries: value.entries };
}

export function describe(value: Value): string {
  switch (value.kind) {
    case "text":
      return value.text === "" ? "nothing" : quotedText(value.text);
    case "list":
      return `a list of ${counted(value.items.length, "item")}`;
    case "map":
      return "a block";
  }
}

/** The value of a key that must be there. */
export function required(
  problems: Problems,
  block: Block,
  key: string,
  example: string,
): Value | undefined {
  const entry = block.entries.get(key);
  if (entry === undefined) {
    problems.add(block.at, `"${key}" is missing: write for example ${key}: ${example}`);
  }
  return entry?.value;
}

/** Reads a text by `parse`, which gives the value or a sentence about what is wrong. */
export function readText<T>(
  problems: Problems,
  value: Value | undefined,
  parse: (text: string) => { readonly value: T } | { readonly wrong: string },
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

type TextResult<T> = { readonly value: T } | { readonly wrong: string };

export function power(text: string): TextResult<Watts> {
  const parsed = parseWatts(text);
  return parsed.kind === "ok" ? { value: parsed.value } : { wrong: parsed.message };
}

const mostNameCharacters = 63;

/** A DNS-1123 label, because names become names of Kubernetes objects. */
export function name(text: string): TextResult<string> {
  const rule = "use a-z, 0-9 and -, starting and ending with a letter or digit";
  if (text.length > mostNameCharacters) {
    return {
      wrong: `the name ${quotedText(text)} has ${text.length} characters, at most ${mostNameCharacters} are allowed`,
    };
  }
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text)
    ? { value: text }
    : { wrong: `${quotedText(text)} is not a name: ${rule}` };
}

export function oneOf<T extends string>(
  allowed: readonly T[],
  later?: ReadonlyMap<string, string>,
): (text: string) => TextResult<T> {
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
export function whole(least: number, most: number): (text: string) => TextResult<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most
      ? { value }
      : {
          wrong: `found ${quotedText(text)}, but a whole number from ${least} to ${most} is allowed`,
        };
  };
}

/** An exact decimal from `least` to `most`; with `least` itself only when `isLeastAllowed`. */
export function decimal(
  least: bigint,
  most: bigint,
  isLeastAllowed: boolean,
): (text: string) => TextResult<Ratio> {
  return (text) => {
    const value = parseDecimal(text);
    const fits =
      value !== undefined &&
      value.numerator <= most * value.denominator &&
      (isLeastAllowed
        ? value.numerator >= least * value.denominator
        : value.numerator > least * value.denominator);
    const range = isLeastAllowed ? `from ${least} to ${most}` : `above ${least}, at most ${most}`;
    return fits
      ? { value }
      : {
          wrong: `found ${quotedText(text)}, but a decimal ${range} with at most 6 places is allowed`,
        };
  };
}
