import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { type Place, type Problems, topOfFile } from "./problems.ts";
import type { Entry, Value } from "./value.ts";
import { quotedText } from "./words.ts";

const mostCharacters = 1_048_576;
const mostKeyCharacters = 200;
const mostSyntaxErrors = 20;

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
 * Reads a file into plain maps, lists and texts. Aliases, merge keys and tags are refused: an alias
 * bomb is none, and what stands there is what is meant. Undefined when the text is not readable at
 * all; then `problems` says why.
 */
export function readDocument(text: string, problems: Problems): Value | undefined {
  const { advice } = problems.form;
  if (text.length > mostCharacters) {
    problems.add(
      topOfFile,
      `the file has ${text.length} characters, at most ${mostCharacters}${advice.tooLong}`,
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
      ? tooDeep(problems)
      : `not readable as YAML: ${message}`;
    problems.add(placeOf(reading, pos[0], ""), words);
  }
  if (complaints.length > 0) {
    return undefined;
  }
  if (document.contents === null) {
    problems.add(topOfFile, `the file is empty: ${advice.empty}`);
    return undefined;
  }
  return readNode(reading, document.contents, { path: "", depth: 0 });
}

function tooDeep({ form: { deepestLevel, advice } }: Problems): string {
  return `nested too deeply, at most ${deepestLevel} levels are allowed${advice.tooDeep}`;
}

interface Position {
  readonly path: string;
  readonly depth: number;
}

function readNode(reading: Reading, node: unknown, position: Position): Value | undefined {
  const { problems } = reading;
  const at = placeOf(reading, offsetOf(node), position.path);
  if (position.depth > problems.form.deepestLevel) {
    problems.add(at, tooDeep(problems));
    return unreadable(problems, at);
  }
  if (isAlias(node)) {
    problems.add(at, `a YAML alias (*name) is not allowed: ${problems.form.advice.alias}`);
    return unreadable(problems, at);
  }
  checkAnchor(problems, node, at);
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

function unreadable({ form }: Problems, at: Place): Value | undefined {
  return form.unreadable === "nothing" ? undefined : { kind: "text", text: "", at };
}

function checkAnchor(problems: Problems, node: unknown, at: Place): void {
  const { refusesAnchors, advice } = problems.form;
  const mayHaveAnchor = refusesAnchors && (isScalar(node) || isMap(node) || isSeq(node));
  if (mayHaveAnchor && node.anchor !== undefined) {
    problems.add(at, `a YAML anchor (&${node.anchor}) is not allowed: ${advice.alias}`);
  }
}

function readMap(
  reading: Reading,
  pairs: readonly { readonly key: unknown; readonly value: unknown }[],
  { at, depth }: { readonly at: Place; readonly depth: number },
): Value {
  const { problems } = reading;
  const { advice } = problems.form;
  const entries = new Map<string, Entry>();
  for (const pair of pairs) {
    const key = textOf(pair.key);
    const path = at.path === "" ? key : `${at.path}.${key}`;
    const keyAt = placeOf(reading, offsetOf(pair.key), path);
    const earlier = entries.get(key);
    if (key === "" || key.length > mostKeyCharacters) {
      problems.add(keyAt, "a key must be a plain word: write name: value");
    } else if (earlier !== undefined) {
      problems.add(
        keyAt,
        `duplicate ${advice.duplicate} ${quotedText(key, mostKeyCharacters)}, first on line ${earlier.keyAt.line}: ${advice.duplicated}`,
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
