import type { Entry, Value } from "./document.ts";
import type { Located, Place, Problems } from "./problems.ts";
import { counted, didYouMean, listed, quoted } from "./words.ts";

/** The value, or a sentence about what is wrong with the text. */
export type TextResult<T> = { readonly value: T } | { readonly wrong: string };
export type TextParser<T> = (text: string) => TextResult<T>;

export interface BlockShape {
  /** For messages, for example `a host image`. */
  readonly what: string;
  readonly keys: readonly string[];
  /** Whether its figures must say where they are from: a key `source`, which need not be in `keys`. */
  readonly isSourced?: boolean;
}

export function describe(value: Value): string {
  switch (value.kind) {
    case "text":
      return value.text === "" ? "nothing" : quoted(value.text);
    case "list":
      return `a list of ${counted(value.items.length, "item")}`;
    case "map":
      return "a block";
  }
}

/** A map whose keys are known. What is wrong in it is reported once, and read as undefined. */
export class Block {
  readonly at: Place;
  readonly problems: Problems;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(problems: Problems, at: Place, entries: ReadonlyMap<string, Entry>) {
    this.problems = problems;
    this.at = at;
    this.#entries = entries;
  }

  /** Undefined, and reported, unless the value is a map. Keys that do not belong are reported. */
  static open(problems: Problems, value: Value, shape: BlockShape): Block | undefined {
    const keys = shape.isSourced === true ? [...shape.keys, "source"] : shape.keys;
    if (value.kind !== "map") {
      problems.add(
        value.at,
        `found ${describe(value)}, but ${shape.what} is a block with the keys ${listed(keys)}`,
      );
      return undefined;
    }
    for (const [key, { keyAt }] of value.entries) {
      if (!keys.includes(key)) {
        problems.add(
          keyAt,
          `unknown key ${quoted(key)} in ${shape.what}${didYouMean(key, keys)}: allowed are ${listed(keys)}`,
        );
      }
    }
    const block = new Block(problems, value.at, value.entries);
    if (shape.isSourced === true) {
      block.#checkSource(shape.what);
    }
    return block;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  placeOf(key: string): Place {
    return this.#entries.get(key)?.keyAt ?? this.at;
  }

  /** The value of a key that may be missing. */
  optional(key: string): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  /** The value of a key that must be there. */
  required(key: string, example: string): Value | undefined {
    const value = this.optional(key);
    if (value === undefined) {
      this.problems.add(this.at, `"${key}" is missing: write for example ${key}: ${example}`);
    }
    return value;
  }

  /** A required text, read by `parse`. */
  text<T>(key: string, parse: TextParser<T>, example: string): Located<T> | undefined {
    return readText(this.problems, this.required(key, example), parse);
  }

  optionalText<T>(key: string, parse: TextParser<T>): Located<T> | undefined {
    return readText(this.problems, this.optional(key), parse);
  }

  /** An inner block that must be there. */
  block(key: string, shape: BlockShape, example: string): Block | undefined {
    const value = this.required(key, example);
    return value === undefined ? undefined : Block.open(this.problems, value, shape);
  }

  /** The items of a list; empty, and reported, when it is something else. */
  list(key: string, example: string): readonly Value[] {
    const value = this.optional(key);
    if (value === undefined || value.kind === "list") {
      return value?.items ?? [];
    }
    this.problems.add(
      value.at,
      `found ${describe(value)}, but ${key} is a list: write for example - ${example}`,
    );
    return [];
  }

  /** The entries of a block whose keys are names; empty, and reported, when it is something else. */
  named(key: string, example: string): readonly (readonly [name: string, entry: Entry])[] {
    const value = this.optional(key);
    if (value === undefined || value.kind === "map") {
      return [...(value?.entries ?? [])];
    }
    this.problems.add(
      value.at,
      `found ${describe(value)}, but ${key} is a block: write for example ${example}`,
    );
    return [];
  }

  #checkSource(what: string): void {
    const how = 'name where the figures are from, or write "assumption" with the reason';
    const source = this.optional("source");
    if (source === undefined) {
      this.problems.add(this.at, `${what} without a source: add source: to this block and ${how}`);
    } else if (source.kind !== "text") {
      this.problems.add(source.at, `found ${describe(source)}, but a source is a text: ${how}`);
    } else if (!/\bassumption\b/i.test(source.text) && source.text.trim().length < 10) {
      this.problems.add(source.at, `${quoted(source.text)} names no source: ${how}`);
    }
  }
}

export function readText<T>(
  problems: Problems,
  value: Value | undefined,
  parse: TextParser<T>,
): Located<T> | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (value.kind !== "text") {
    problems.add(value.at, `found ${describe(value)}, but a single value is expected`);
    return undefined;
  }
  const parsed = parse(value.text);
  if ("wrong" in parsed) {
    problems.add(value.at, parsed.wrong);
    return undefined;
  }
  return { value: parsed.value, at: value.at };
}
