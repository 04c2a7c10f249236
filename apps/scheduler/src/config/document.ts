import { type Milliseconds, parseMilliseconds } from "@ertis/quantities";
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type YAMLMap } from "yaml";
import { quoted } from "../mapping/violation.ts";

/** One mistake in the configuration. */
export interface ConfigProblem {
  readonly line: number;
  /** Path of keys, for example `people.aigerim.roles`. */
  readonly path: string;
  readonly message: string;
}

/** A value and where it is written. */
export interface Field {
  readonly node: Node | null;
  readonly path: string;
}

const charactersMax = 1_048_576;

/** Reads a YAML file field by field and collects every mistake, so that a person sees all at once. */
export class ConfigDocument {
  readonly problems: ConfigProblem[] = [];
  readonly root: Field;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    const document = parseDocument(text.slice(0, charactersMax), {
      lineCounter: this.#lines,
      prettyErrors: false,
    });
    this.root = { node: document.contents, path: "" };
    for (const { message, pos } of [...document.errors, ...document.warnings]) {
      this.problems.push({ line: this.#lines.linePos(pos[0]).line, path: "", message });
    }
  }

  add({ node, path }: Field, message: string): void {
    const offset = node?.range?.[0];
    const line = offset === undefined ? 1 : Math.max(1, this.#lines.linePos(offset).line);
    this.problems.push({ line, path, message });
  }

  /** The entries of a map by name; an unknown name is a mistake when `known` is given. */
  entries(field: Field, known?: readonly string[]): ReadonlyMap<string, Field> {
    const found = new Map<string, Field>();
    const { node, path } = field;
    if (!isMap(node)) {
      if (node !== null) {
        this.add(field, "must be a block of name: value");
      }
      return found;
    }
    for (const [name, value] of pairsOf(node)) {
      const inner: Field = { node: value, path: path === "" ? name : `${path}.${name}` };
      if (known !== undefined && !known.includes(name)) {
        this.add(inner, `is not known here; known are ${known.join(", ")}`);
      } else {
        found.set(name, inner);
      }
    }
    return found;
  }

  items(field: Field | undefined): readonly Field[] {
    if (field === undefined || field.node === null) {
      return [];
    }
    if (!isSeq(field.node)) {
      this.add(field, "must be a list: [a, b]");
      return [];
    }
    return field.node.items.map((item, index) => ({
      // A list holds nodes, or null for an item that is left empty.
      node: isMap(item) || isScalar(item) || isSeq(item) ? item : null,
      path: `${field.path}[${index}]`,
    }));
  }

  text(field: Field | undefined): string | undefined {
    if (field === undefined) {
      return undefined;
    }
    const value = isScalar(field.node) ? field.node.value : undefined;
    if (typeof value === "string" && value !== "") {
      return value;
    }
    this.add(field, "must be a text; put it in quotes if it looks like a number");
    return undefined;
  }

  whole(field: Field | undefined, min: number, max: number): number | undefined {
    if (field === undefined) {
      return undefined;
    }
    const value = isScalar(field.node) ? field.node.value : undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) {
      return value;
    }
    this.add(
      field,
      `found ${quoted(String(value))}, but a whole number from ${min} to ${max} is allowed`,
    );
    return undefined;
  }

  /** With its unit: `30d`, `12h`, `1h 30m`. */
  duration(field: Field | undefined): Milliseconds | undefined {
    const text = this.text(field);
    if (field === undefined || text === undefined) {
      return undefined;
    }
    const parsed = parseMilliseconds(text);
    if (parsed.kind === "error") {
      this.add(field, parsed.message);
      return undefined;
    }
    return parsed.value;
  }

  flag(field: Field | undefined): boolean | undefined {
    if (field === undefined) {
      return undefined;
    }
    const value = isScalar(field.node) ? field.node.value : undefined;
    if (typeof value === "boolean") {
      return value;
    }
    this.add(field, "must be true or false");
    return undefined;
  }

  oneOf<Word extends string>(field: Field | undefined, words: readonly Word[]): Word | undefined {
    const text = this.text(field);
    const word = words.find((one) => one === text);
    if (field !== undefined && text !== undefined && word === undefined) {
      this.add(field, `found ${quoted(text)}, but one of ${words.join(", ")} is allowed`);
    }
    return word;
  }
}

function pairsOf(map: YAMLMap): readonly (readonly [name: string, value: Node | null])[] {
  return map.items.map(({ key, value }) => [
    isScalar(key) ? String(key.value) : "",
    isMap(value) || isScalar(value) || isSeq(value) ? value : null,
  ]);
}
