import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { type Place, type Problems, topOfFile } from "./problems.ts";
import { quoted } from "./words.ts";

/** What is left of YAML: every leaf is the text as written, so that numbers and addresses stay exact. */
export type Value = TextValue | ListValue | MapValue;

export interface TextValue {
  readonly kind: "text";
  readonly text: string;
  readonly at: Place;
}

export interface ListValue {
  readonly kind: "list";
  readonly items: readonly Value[];
  readonly at: Place;
}

export interface MapValue {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Entry>;
  readonly at: Place;
}

export interface Entry {
  readonly keyAt: Place;
  readonly value: Value;
}

const mostCharacters = 1_048_576;
const mostSyntaxErrors = 20;
const deepest = 12;
const mostKeyCharacters = 200;

/** Reads a file into maps, lists and texts. Undefined when it cannot be read; `problems` says why. */
export function readDocument(text: string, problems: Problems): Value | undefined {
  if (text.length > mostCharacters) {
    problems.add(
      topOfFile,
      `the file has ${text.length} characters, at most ${mostCharacters} are read: split it`,
    );
    return undefined;
  }
  const lines = new LineCounter();
  // "failsafe" leaves every scalar a text, as in site files; duplicate keys are found with their path.
  const document = parseDocument(text, {
    schema: "failsafe",
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
  });
  const reader = new DocumentReader(lines, problems);
  const complaints = [...document.errors, ...document.warnings];
  for (const { message, pos } of complaints.slice(0, mostSyntaxErrors)) {
    problems.add(reader.place(pos[0], ""), `not readable as YAML: ${message}`);
  }
  if (complaints.length > 0) {
    return undefined;
  }
  if (document.contents === null) {
    problems.add(
      topOfFile,
      'the file is empty: see "The files" in the README of provisioning-model',
    );
    return undefined;
  }
  return reader.read(document.contents, "", 0);
}

class DocumentReader {
  readonly #lines: LineCounter;
  readonly #problems: Problems;

  constructor(lines: LineCounter, problems: Problems) {
    this.#lines = lines;
    this.#problems = problems;
  }

  place(offset: number, path: string): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col), path };
  }

  /** A part that may not be there is an empty text, reported, so that the rest is still checked. */
  read(node: unknown, path: string, depth: number): Value {
    const at = this.place(isNode(node) ? (node.range?.[0] ?? 0) : 0, path);
    if (isAlias(node)) {
      this.#problems.add(at, "a YAML alias (*name) is not allowed: write the value again");
    } else if (depth > deepest) {
      this.#problems.add(at, `nested too deeply, at most ${deepest} levels are allowed`);
    } else if (isMap(node)) {
      return { kind: "map", entries: this.#entries(node.items, path, depth), at };
    } else if (isSeq(node)) {
      const items = node.items.map((item, index) =>
        this.read(item, `${path}[${index}]`, depth + 1),
      );
      return { kind: "list", items, at };
    } else if (isScalar(node) && typeof node.value === "string") {
      return { kind: "text", text: node.value, at };
    }
    return { kind: "text", text: "", at };
  }

  #entries(
    pairs: readonly { readonly key: unknown; readonly value: unknown }[],
    path: string,
    depth: number,
  ): ReadonlyMap<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const { key: keyNode, value } of pairs) {
      const isWord = isScalar(keyNode) && typeof keyNode.value === "string";
      const key = isWord ? String(keyNode.value) : "";
      const inner = path === "" ? key : `${path}.${key}`;
      const keyAt = this.place(isWord ? (keyNode.range?.[0] ?? 0) : 0, inner);
      const earlier = entries.get(key);
      if (key === "" || key.length > mostKeyCharacters) {
        this.#problems.add(keyAt, "a key must be a plain word: write name: value");
      } else if (earlier === undefined) {
        // A key without a value has no position of its own; its key's is the next best.
        const empty: TextValue = { kind: "text", text: "", at: keyAt };
        const read = value === null ? empty : this.read(value, inner, depth + 1);
        entries.set(key, { keyAt, value: read });
      } else {
        this.#problems.add(
          keyAt,
          `duplicate key ${quoted(key)}, first on line ${earlier.keyAt.line}: remove one`,
        );
      }
    }
    return entries;
  }
}
