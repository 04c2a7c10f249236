import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Place, Problems } from "./problems.ts";

/** What is left of YAML: every leaf is the text as written, so that numbers stay exact. */
export type Value =
  | { readonly kind: "text"; readonly text: string; readonly at: Place }
  | { readonly kind: "list"; readonly items: readonly Value[]; readonly at: Place }
  | { readonly kind: "map"; readonly entries: ReadonlyMap<string, Entry>; readonly at: Place };

export interface Entry {
  readonly keyAt: Place;
  readonly value: Value;
}

const mostCharacters = 1_048_576;
const mostSyntaxErrors = 20;
const deepest = 24;

interface Reading {
  readonly problems: Problems;
  readonly lines: LineCounter;
}

function placeOf(reading: Reading, offset: number, path: string): Place {
  const { line, col } = reading.lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col), path };
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function textOf(node: unknown): string {
  return isScalar(node) && typeof node.value === "string" ? node.value : "";
}

/**
 * Reads the text of a site file into plain maps, lists and texts. Anchors, aliases, merge keys and
 * tags are refused: templates are the one way to write something once, and an alias bomb is none.
 * Undefined when the text is not readable at all; then `problems` says why.
 */
export function readDocument(text: string, problems: Problems): Value | undefined {
  const top: Place = { line: 1, column: 1, path: "" };
  if (text.length > mostCharacters) {
    problems.add(
      top,
      `the file has ${text.length} characters, at most ${mostCharacters} (1 MiB) are read: use templates and ranges instead of writing each rack`,
    );
    return undefined;
  }
  const lines = new LineCounter();
  // "failsafe" keeps every scalar as text: 0.8 stays "0.8", and no country code turns into a boolean.
  const document = parseDocument(text, {
    schema: "failsafe",
    // The library compares all keys with all others; `readMap` does it in one pass, with the path.
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
  });
  const reading: Reading = { problems, lines };
  const complaints = [...document.errors, ...document.warnings];
  for (const { message, pos } of complaints.slice(0, mostSyntaxErrors)) {
    const words = message.includes("call stack")
      ? `nested too deeply, at most ${deepest} levels are allowed: use templates`
      : `not readable as YAML: ${message}`;
    problems.add(placeOf(reading, pos[0], ""), words);
  }
  if (complaints.length > 0) {
    return undefined;
  }
  if (document.contents === null) {
    problems.add(top, 'the file is empty: start with "site: <id>", see the README of site-model');
    return undefined;
  }
  return readNode(reading, document.contents, { path: "", depth: 0 });
}

interface Position {
  readonly path: string;
  readonly depth: number;
}

function readNode(reading: Reading, node: unknown, position: Position): Value | undefined {
  const at = placeOf(reading, offsetOf(node), position.path);
  if (position.depth > deepest) {
    reading.problems.add(
      at,
      `nested too deeply, at most ${deepest} levels are allowed: use templates`,
    );
    return undefined;
  }
  if (isAlias(node)) {
    reading.problems.add(at, "a YAML alias (*name) is not allowed: use a template");
    return undefined;
  }
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) {
    reading.problems.add(at, `a YAML anchor (&${node.anchor}) is not allowed: use a template`);
  }
  if (isMap(node)) {
    return readMap(reading, node.items, { at, depth: position.depth });
  }
  if (isSeq(node)) {
    const items: Value[] = [];
    for (const [index, item] of node.items.entries()) {
      const value = readNode(reading, item, {
        path: `${position.path}[${index}]`,
        depth: position.depth + 1,
      });
      if (value !== undefined) {
        items.push(value);
      }
    }
    return { kind: "list", items, at };
  }
  return { kind: "text", text: textOf(node), at };
}

function readMap(
  reading: Reading,
  pairs: readonly { readonly key: unknown; readonly value: unknown }[],
  { at, depth }: { readonly at: Place; readonly depth: number },
): Value {
  const entries = new Map<string, Entry>();
  for (const pair of pairs) {
    const key = textOf(pair.key);
    const path = at.path === "" ? key : `${at.path}.${key}`;
    const keyAt = placeOf(reading, offsetOf(pair.key), path);
    const earlier = entries.get(key);
    if (key === "" || key.length > 200) {
      reading.problems.add(keyAt, "a key must be a plain word: write name: value");
    } else if (earlier !== undefined) {
      reading.problems.add(
        keyAt,
        `duplicate name "${key}", first on line ${earlier.keyAt.line}: rename or remove one`,
      );
    } else {
      // A key without a value has no position of its own; its key's is the next best.
      const value =
        pair.value === null
          ? ({ kind: "text", text: "", at: keyAt } as const)
          : readNode(reading, pair.value, { path, depth: depth + 1 });
      if (value !== undefined) {
        entries.set(key, { keyAt, value });
      }
    }
  }
  return { kind: "map", entries, at };
}
