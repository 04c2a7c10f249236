import type { Located, Place, Problems } from "./problems.ts";
import { readText, type TextParser, namesSource } from "./texts.ts";
import { describe, type Entry, type Value } from "./value.ts";
import { didYouMean, listed, quotedText } from "./words.ts";

/** Which keys a block may have. */
export interface BlockShape {
  /** For messages, for example `a node class`. */
  readonly what: string;
  readonly keys: readonly string[];
  /** Keys that a later version of Ertis reads, with what they are for. */
  readonly later?: ReadonlyMap<string, string>;
  /** Whether it must say in one text where its figures are from: a key `source`, not among `keys`. */
  readonly isSourced?: boolean;
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
    const known = [...keys, ...(shape.later?.keys() ?? [])];
    for (const [key, { keyAt }] of value.entries) {
      const later = shape.later?.get(key);
      if (later !== undefined) {
        problems.add(keyAt, `"${key}" (${later}) comes later: remove it for now`);
      } else if (!keys.includes(key)) {
        problems.add(
          keyAt,
          `unknown key ${quotedText(key)} in ${shape.what}${didYouMean(key, known)}: allowed are ${listed(keys)}`,
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

  /** A key that may be missing, with where it is written. */
  entry(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  placeOf(key: string): Place {
    return this.entry(key)?.keyAt ?? this.at;
  }

  /** The value of a key that may be missing. */
  optional(key: string): Value | undefined {
    return this.entry(key)?.value;
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
    return sound(readText(this.problems, this.required(key, example), parse));
  }

  optionalText<T>(key: string, parse: TextParser<T>): Located<T> | undefined {
    return sound(readText(this.problems, this.optional(key), parse));
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
    } else if (!namesSource(source.text)) {
      this.problems.add(source.at, `${quotedText(source.text)} names no source: ${how}`);
    }
  }
}

function sound<T>(read: Located<T | undefined> | undefined): Located<T> | undefined {
  return read?.value === undefined ? undefined : { value: read.value, at: read.at };
}
