import { UsageError } from "../usage-error.ts";
import { type Draft, emptyDraft, type SettingName, type Written } from "./draft.ts";
import { findNearest } from "./nearest.ts";
import { splitWords } from "./split-words.ts";

/** What one option of a directive means. */
type Meaning =
  | { readonly kind: "setting"; readonly name: SettingName }
  | { readonly kind: "switch"; readonly name: SettingName }
  | { readonly kind: "pairs"; readonly target: "labels" | "env" }
  /** Slurm's generic resources: `gpu:8`, `gpu:H100:8`. */
  | { readonly kind: "gres" };

const setting = (name: SettingName): Meaning => ({ kind: "setting", name });

/** Options of `#ERTIS` lines, which are those of `ertis submit`. */
const ertisOptions: ReadonlyMap<string, Meaning> = new Map([
  ["--array", setting("array")],
  ["-a", setting("array")],
  ["--begin", setting("begin")],
  ["--chdir", setting("chdir")],
  ["--checkpoint", setting("checkpoint")],
  ["--class", setting("class")],
  ["--deadline", setting("deadline")],
  ["--dependency", setting("dependency")],
  ["-d", setting("dependency")],
  ["--env", { kind: "pairs", target: "env" }],
  ["--gpu", setting("gpu")],
  ["--gpus", setting("gpus")],
  ["-G", setting("gpus")],
  ["--gpus-per-node", setting("gpusPerNode")],
  ["--hold", { kind: "switch", name: "hold" }],
  ["-H", { kind: "switch", name: "hold" }],
  ["--image", setting("image")],
  ["--label", { kind: "pairs", target: "labels" }],
  ["--min-cap", setting("minCap")],
  ["--min-nodes", setting("minNodes")],
  ["--name", setting("name")],
  ["-J", setting("name")],
  ["--nodes", setting("nodes")],
  ["-N", setting("nodes")],
  ["--preemptible", { kind: "switch", name: "preemptible" }],
  ["--priority", setting("priority")],
  ["--project", setting("project")],
  ["--retry", setting("retry")],
  ["--site", setting("site")],
  ["--tier", setting("tier")],
  ["--time", setting("time")],
  ["--time-min", setting("timeMin")],
  ["-t", setting("time")],
]);

/** Options of `#SBATCH` lines that mean the same here. */
const slurmOptions: ReadonlyMap<string, Meaning> = new Map([
  ["--account", setting("project")],
  ["-A", setting("project")],
  ["--array", setting("array")],
  ["-a", setting("array")],
  ["--begin", setting("begin")],
  ["-b", setting("begin")],
  ["--chdir", setting("chdir")],
  ["-D", setting("chdir")],
  ["--deadline", setting("deadline")],
  ["--dependency", setting("dependency")],
  ["-d", setting("dependency")],
  ["--gpus", setting("gpus")],
  ["-G", setting("gpus")],
  ["--gpus-per-node", setting("gpusPerNode")],
  ["--gres", { kind: "gres" }],
  ["--hold", { kind: "switch", name: "hold" }],
  ["-H", { kind: "switch", name: "hold" }],
  ["--job-name", setting("name")],
  ["-J", setting("name")],
  ["--nodes", setting("nodes")],
  ["-N", setting("nodes")],
  ["--time", setting("time")],
  ["--time-min", setting("timeMin")],
  ["-t", setting("time")],
]);

interface Option {
  readonly name: string;
  readonly value: string | undefined;
}

/** `--name=value`, `--name value`, `-N value` and `-Nvalue` as pairs. */
function toOptions(
  words: readonly string[],
  isSwitch: (name: string) => boolean,
): readonly Option[] {
  const options: Option[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const match = /^(--[^=]+)=(.*)$/s.exec(word) ?? /^(-[A-Za-z])(.+)$/s.exec(word);
    if (match !== null) {
      options.push({ name: match[1] ?? "", value: match[2] });
    } else if (isSwitch(word) || !word.startsWith("-")) {
      options.push({ name: word, value: undefined });
    } else {
      index += 1;
      options.push({ name: word, value: words[index] });
    }
  }
  return options;
}

interface Reader {
  readonly settings: Map<SettingName, Written>;
  readonly labels: Map<string, Written>;
  readonly env: Map<string, Written>;
}

/** Slurm reads bare numbers and `MM:SS` in its own way; in a Slurm line they mean what Slurm says. */
function toUnambiguousTime(text: string): string {
  const minutes = /^\d{1,9}$/.exec(text);
  if (minutes !== null) {
    return `${text} minutes`;
  }
  return /^\d{1,9}:\d\d$/.test(text) ? text.replace(/^(\d+):(\d\d)$/, "$1 min $2 s") : text;
}

function readGres(reader: Reader, { text, origin }: Written): void {
  const match = /^gpu:(?:([A-Za-z][^:,]*):)?(\d{1,4})$/.exec(text);
  if (match === null) {
    throw new UsageError(`${origin}: --gres=${text} is not gpu:COUNT or gpu:MODEL:COUNT`);
  }
  reader.settings.set("gpusPerNode", { text: match[2] ?? "", origin });
  if (match[1] !== undefined) {
    reader.settings.set("gpu", { text: match[1], origin });
  }
}

function readPair(target: Map<string, Written>, { text, origin }: Written): void {
  const split = text.indexOf("=");
  if (split < 1) {
    throw new UsageError(`${origin}: ${JSON.stringify(text)} is not KEY=VALUE`);
  }
  target.set(text.slice(0, split), { text: text.slice(split + 1), origin });
}

function readOption(reader: Reader, meaning: Meaning, option: Option, origin: string): void {
  if (meaning.kind === "switch") {
    reader.settings.set(meaning.name, { text: option.value ?? "true", origin });
    return;
  }
  if (option.value === undefined) {
    throw new UsageError(`${origin}: ${option.name} needs a value`);
  }
  const written = { text: option.value, origin };
  switch (meaning.kind) {
    case "setting":
      reader.settings.set(meaning.name, written);
      return;
    case "pairs":
      readPair(meaning.target === "env" ? reader.env : reader.labels, written);
      return;
    case "gres":
      readGres(reader, written);
      return;
  }
}

function unknownOption(origin: string, mark: string, name: string): UsageError {
  const known = mark === "#SBATCH" ? slurmOptions : ertisOptions;
  const near = name.startsWith("-") ? findNearest(name, known.keys()) : undefined;
  const what = name.startsWith("-") ? `the option ${name}` : `the word ${JSON.stringify(name)}`;
  const advice =
    near !== undefined
      ? `did you mean ${near}?`
      : mark === "#SBATCH"
        ? "Ertis has no counterpart for it: remove it, or skip such options with --ignore-unknown"
        : 'see "ertis submit --help" for the options, or skip unknown ones with --ignore-unknown';
  return new UsageError(`${origin}: ${mark} does not know ${what}`, advice);
}

/** How directives are read. */
export interface DirectiveOptions {
  /** Skip options that are not known, and tell so. */
  readonly ignoreUnknown: boolean;
  readonly onIgnored: (origin: string, option: string) => void;
}

function readLine(
  reader: Reader,
  line: { readonly mark: string; readonly rest: string; readonly origin: string },
  options: DirectiveOptions,
): void {
  const { mark, rest, origin } = line;
  const known = mark === "#SBATCH" ? slurmOptions : ertisOptions;
  const words = splitWords(rest);
  if (words === undefined) {
    throw new UsageError(`${origin}: a quote is not closed`);
  }
  for (const option of toOptions(words, (name) => known.get(name)?.kind === "switch")) {
    const meaning = known.get(option.name);
    if (meaning === undefined) {
      if (!options.ignoreUnknown) {
        throw unknownOption(origin, mark, option.name);
      }
      options.onIgnored(origin, option.name);
    } else {
      const isSlurmTime = mark === "#SBATCH" && /^(--time|--time-min|-t)$/.test(option.name);
      const value = isSlurmTime ? toUnambiguousTime(option.value ?? "") : option.value;
      readOption(reader, meaning, { name: option.name, value }, origin);
    }
  }
}

/**
 * Reads the `#ERTIS` and `#SBATCH` lines of a script, up to its first command as Slurm does. An `#ERTIS`
 * line wins over an `#SBATCH` line, so that one script serves both.
 */
export function readDirectives(path: string, script: string, options: DirectiveOptions): Draft {
  const readers = new Map(
    ["#SBATCH", "#ERTIS"].map((mark): [string, Reader] => [
      mark,
      { settings: new Map(), labels: new Map(), env: new Map() },
    ]),
  );
  for (const [index, text] of script.split(/\r?\n/).entries()) {
    const match = /^(#ERTIS|#SBATCH)(?:\s+(.*))?$/.exec(text);
    if (match !== null) {
      const [, mark = "", rest = ""] = match;
      const reader = readers.get(mark);
      if (reader !== undefined) {
        readLine(reader, { mark, rest, origin: `${path}:${index + 1}` }, options);
      }
    } else if (text.trim() !== "" && !text.startsWith("#")) {
      break;
    }
  }
  const slurm = readers.get("#SBATCH");
  const ertis = readers.get("#ERTIS");
  return {
    ...emptyDraft,
    settings: new Map([...(slurm?.settings ?? []), ...(ertis?.settings ?? [])]),
    labels: new Map(ertis?.labels),
    env: new Map(ertis?.env),
    script: { text: script, origin: path },
  };
}
