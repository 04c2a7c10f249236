import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isStackSetting, nearestNames, stackSettings } from "@ertis/provisioning-model";
import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { Pair, YAMLMap } from "yaml";
import { OperationProblem } from "../problem.ts";
import { countOf } from "../output/count-of.ts";

export interface SettingsFile {
  /** As messages name it. */
  readonly name: string;
  readonly path: string;
}

/** The committed settings of a stack, if it has any. */
export function settingsFileOf(
  infraDirectory: string,
  { project, stack }: { readonly project: string; readonly stack: string },
): SettingsFile {
  const name = `Pulumi.${stack}.yaml`;
  return { name: `infra/${project}/${name}`, path: join(infraDirectory, project, name) };
}

/** Refuses what would have no effect, in all of the files at once: before anything reads them. */
export function requireSettings(files: readonly SettingsFile[]): void {
  const problems = files
    .filter(({ path }) => existsSync(path))
    .flatMap(({ name, path }) => settingsProblems(name, readFileSync(path, "utf8")));
  if (problems.length === 0) {
    return;
  }
  const [first] = problems;
  throw new OperationProblem(
    "usage",
    problems.length === 1
      ? (first ?? "")
      : `${countOf(problems.length, "mistake")} in the stacks' settings:\n  ${problems.join("\n  ")}`,
    `allowed are ${stackSettings.join(", ")} and Pulumi's own pulumi:…; nothing was changed`,
  );
}

/** What the engine knows beside `config`: how secrets of the stack are kept. */
const topLevelKeys = ["config", "secretsprovider", "encryptedkey", "encryptionsalt"] as const;

/** Each mistake of one settings file, with its line. */
export function settingsProblems(file: string, text: string): readonly string[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const at = (offset: number): string => `${file}:${lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    return document.errors.map(({ message, pos }) => {
      const [what = ""] = message.split("\n");
      return `${at(pos[0])}: not readable as YAML: ${what.replace(/ at line \d+.*$/, "")}`;
    });
  }
  const { contents } = document;
  if (contents === null) {
    return [];
  }
  if (!isMap(contents)) {
    return [`${at(contents.range?.[0] ?? 0)}: not a list of settings`];
  }
  const problems = contents.items.flatMap((pair) =>
    topLevelKeys.some((known) => known === keyOf(pair).key)
      ? []
      : [
          `${at(keyOf(pair).offset)}: unknown key "${keyOf(pair).key}"; ${nearest(keyOf(pair).key, topLevelKeys)}`,
        ],
  );
  const config: unknown = contents.get("config", true);
  if (isMap(config)) {
    return [...problems, ...unknownSettings(config, at)];
  }
  const isEmpty = config === undefined || (isScalar(config) && config.value === null);
  return isEmpty ? problems : [...problems, `${file}: config is not a list of settings`];
}

function unknownSettings(config: YAMLMap, at: (offset: number) => string): readonly string[] {
  return config.items.flatMap((pair) => {
    const { key, offset } = keyOf(pair);
    return isStackSetting(key)
      ? []
      : [`${at(offset)}: unknown key "${key}"; ${nearest(key, stackSettings)}`];
  });
}

function keyOf({ key }: Pair): { readonly key: string; readonly offset: number } {
  return isScalar(key)
    ? { key: String(key.value), offset: key.range?.[0] ?? 0 }
    : { key: String(key), offset: 0 };
}

/** The namespace is often what was forgotten, so names are compared without it. */
function nearest(key: string, known: readonly string[]): string {
  const bare = (name: string): string => name.slice(name.indexOf(":") + 1);
  const [name] = nearestNames(bare(key), known.map(bare), 1);
  return `the nearest is ${known.find((each) => bare(each) === name) ?? ""}`;
}
