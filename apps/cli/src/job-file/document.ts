import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";
import { UsageError } from "../usage-error.ts";
import { findNearest } from "./nearest.ts";
import { quote } from "./parse-settings.ts";
import { type Draft, emptyDraft, type SettingName, settingNames, type Written } from "./draft.ts";

/** A node of the parsed text, as far as it is read here. */
interface Place {
  readonly path: string;
  readonly lines: LineCounter;
}

function toOrigin(place: Place, node: unknown): string {
  const range =
    typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range)
      ? node.range
      : [0];
  const offset: unknown = range[0];
  return `${place.path}:${place.lines.linePos(typeof offset === "number" ? offset : 0).line}`;
}

/** Names as in a job file (`gpusPerNode`) or as on the command line (`gpus-per-node`). */
function toSettingName(key: string): SettingName | undefined {
  const camel = key.replaceAll(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase());
  return settingNames.find((name) => name === camel);
}

function readScalar(place: Place, key: string, node: unknown): Written {
  const origin = toOrigin(place, node);
  if (!isScalar(node) || node.value === null || node.value === undefined) {
    throw new UsageError(`${origin}: ${key} must be one value`);
  }
  // The source, not the value: YAML would read 12:30:00 or 1_000 as a number.
  const text = node.source ?? JSON.stringify(node.value);
  return { text, origin };
}

function readTexts(place: Place, key: string, node: unknown): readonly string[] {
  if (!isSeq(node)) {
    return [readScalar(place, key, node).text];
  }
  return node.items.map((item) => readScalar(place, key, item).text);
}

function readPairs(place: Place, key: string, node: unknown): ReadonlyMap<string, Written> {
  if (!isMap(node)) {
    throw new UsageError(`${toOrigin(place, node)}: ${key} must be a map of names and values`);
  }
  return new Map(
    node.items.map((pair) => {
      const name = readScalar(place, key, pair.key).text;
      return [name, readScalar(place, `${key}.${name}`, pair.value)];
    }),
  );
}

function readJob(place: Place, node: unknown): Draft {
  if (!isMap(node)) {
    throw new UsageError(`${toOrigin(place, node)}: a job must be a map of settings`);
  }
  const draft: { -readonly [Key in keyof Draft]: Draft[Key] } = { ...emptyDraft };
  const settings = new Map<SettingName, Written>();
  for (const { key: keyNode, value } of node.items) {
    const key = readScalar(place, "a key", keyNode).text;
    const name = toSettingName(key);
    if (key === "labels" || key === "env") {
      draft[key] = readPairs(place, key, value);
    } else if (key === "command") {
      draft.command = readTexts(place, key, value);
      draft.commandOrigin = toOrigin(place, keyNode);
    } else if (key === "args") {
      draft.args = readTexts(place, key, value);
    } else if (key === "script") {
      draft.script = readScalar(place, key, value);
    } else if (name === undefined) {
      const known = [...settingNames, "args", "command", "env", "labels", "script"].toSorted();
      const near = findNearest(key, known);
      throw new UsageError(
        `${toOrigin(place, keyNode)}: a job has no setting ${quote(key)}`,
        near === undefined ? `the settings are ${known.join(", ")}` : `did you mean ${near}?`,
      );
    } else {
      const text = readTexts(place, key, value).join(",");
      settings.set(name, { text, origin: toOrigin(place, value) });
    }
  }
  return { ...draft, settings };
}

/**
 * Reads a YAML or JSON file: one job, a list of jobs, or several documents. Keys are the long options of
 * `ertis submit` (`gpus-per-node` or `gpusPerNode`), and `command`, `args`, `script`, `labels`, `env`.
 */
export function readDocument(path: string, text: string): readonly Draft[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const place = { path, lines };
  const drafts: Draft[] = [];
  for (const document of documents) {
    const [error] = document.errors;
    if (error !== undefined) {
      throw new UsageError(`${path}:${lines.linePos(error.pos[0]).line}: ${error.message}`);
    }
    const { contents } = document;
    const jobs = isSeq(contents) ? contents.items : [contents];
    drafts.push(...jobs.map((job) => readJob(place, job)));
  }
  if (drafts.length === 0) {
    throw new UsageError(`${path} is empty`, "write one job, or a list of jobs");
  }
  return drafts;
}
