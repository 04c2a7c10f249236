import {
  DependencyCondition,
  type JobDependency,
  PriorityClass,
  type RetryPolicy,
} from "@ertis/api";
import type { JobRequest } from "@ertis/client";
import { UsageError } from "../usage-error.ts";
import { checkBending, readCap, readCheckpoint, readClass, readTier } from "./bending.ts";
import type { Draft, SettingName } from "./draft.ts";
import { toGang } from "./gang.ts";
import {
  type DependencyWord,
  quote,
  type Read,
  readArray,
  readCount,
  readDependencies,
  readDuration,
  readSwitch,
} from "./parse-settings.ts";
import { readInstant } from "./read-instant.ts";

const priorities: ReadonlyMap<string, PriorityClass> = new Map<string, PriorityClass>([
  ["low", PriorityClass.LOW],
  ["normal", PriorityClass.NORMAL],
  ["high", PriorityClass.HIGH],
  ["urgent", PriorityClass.URGENT],
]);

const conditions: Readonly<Record<DependencyWord, DependencyCondition>> = {
  afterok: DependencyCondition.AFTER_OK,
  afterany: DependencyCondition.AFTER_ANY,
  afternotok: DependencyCondition.AFTER_NOT_OK,
};

/** Larger than any site: what is really possible the server knows. */
const mostNodes = 1_000_000;

function readPriority(text: string): Read<PriorityClass> {
  const value = priorities.get(text.trim().toLowerCase());
  return value === undefined
    ? {
        kind: "wrong",
        message: `${quote(text)} is none of ${[...priorities.keys()].join(", ")}`,
      }
    : { kind: "ok", value };
}

/** `--gpus` and ERTIS_TIME name the setting already; a place in a file does not. */
function showOrigin(origin: string, name: SettingName): string {
  return origin.includes(":") ? `${origin}: ${name}` : origin;
}

/** Longest script the contract carries, bytes. */
const mostScriptBytes = 64 * 1_024;

function showKibibytes(bytes: number): string {
  return `${(bytes / 1_024).toFixed(1)} KiB`;
}

/** What is wrong with what the job is to run; empty = nothing. */
function checkProgram(draft: Draft, image: string): readonly string[] {
  const { script, command, commandOrigin = "" } = draft;
  const scriptBytes = new TextEncoder().encode(script?.text ?? "").length;
  if (script !== undefined && scriptBytes > mostScriptBytes) {
    return [
      `${script.origin}: the script is ${showKibibytes(scriptBytes)} long, and ` +
        `${showKibibytes(mostScriptBytes)} is the most: keep it in the image or on shared storage, and ` +
        "submit a short script that starts it",
    ];
  }
  if (scriptBytes > 0 || image !== "") {
    return [];
  }
  if (command !== undefined) {
    const place = commandOrigin === "" ? "" : `${commandOrigin}: `;
    return [
      `${place}command: there is no image it could run in: add image: NAME, or write it as a script ` +
        'that begins with "#!/bin/sh"',
    ];
  }
  return ["there is nothing to run: give a script, --wrap COMMAND or --image IMAGE"];
}

/** Reads settings of one draft and collects what is wrong with them. */
class SettingReader {
  readonly faults: string[] = [];
  readonly #draft: Draft;

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  read<Value>(name: SettingName, parse: (text: string) => Read<Value>): Value | undefined {
    const written = this.#draft.settings.get(name);
    if (written === undefined) {
      return undefined;
    }
    const read = parse(written.text);
    if (read.kind === "wrong") {
      this.faults.push(`${showOrigin(written.origin, name)}: ${read.message}`);
      return undefined;
    }
    return read.value;
  }

  text(name: SettingName): string {
    return this.#draft.settings.get(name)?.text ?? "";
  }
}

function readGang(reader: SettingReader): { nodeCount: number; gpusPerNode: number } {
  const count = (text: string): Read<number> => readCount(text, 1, mostNodes);
  const gang = toGang({
    nodes: reader.read("nodes", count),
    gpus: reader.read("gpus", count),
    gpusPerNode: reader.read("gpusPerNode", (text) => readCount(text, 1, 16)),
  });
  if (gang.kind === "wrong") {
    reader.faults.push(gang.message);
    return { nodeCount: 0, gpusPerNode: 0 };
  }
  return gang.value;
}

function readWaiting(reader: SettingReader): JobDependency[] {
  const wishes = reader.read("dependency", readDependencies) ?? [];
  return wishes.map(({ jobId, condition }) => ({ jobId, condition: conditions[condition] }));
}

function readRetry(reader: SettingReader): RetryPolicy | undefined {
  const maxRetries = reader.read("retry", (text) => readCount(text, 0, 100));
  return maxRetries === undefined ? undefined : { maxRetries, categories: [] };
}

function readWalltime(reader: SettingReader): number {
  const walltimeMs = reader.read("time", readDuration);
  if (walltimeMs === undefined && reader.text("time") === "") {
    reader.faults.push('the job does not say how long it may run: add for example --time "2h"');
  }
  return walltimeMs ?? 0;
}

/** How far it bends; what is not said keeps the contract's default. */
function readBending(reader: SettingReader, nowMs: number): JobRequest {
  const checkpoint = reader.read("checkpoint", readCheckpoint);
  return {
    flexibilityTierPercent: reader.read("tier", readTier) ?? 0,
    workloadClass: reader.read("class", readClass) ?? "",
    capMinWatts: reader.read("minCap", readCap) ?? 0,
    nodeCountMin: reader.read("minNodes", (text) => readCount(text, 1, mostNodes)) ?? 0,
    walltimeMinMs: reader.read("timeMin", readDuration) ?? 0,
    deadlineTimeMs: reader.read("deadline", (text) => readInstant(text, nowMs)) ?? 0,
    ...(checkpoint === undefined ? {} : { checkpoint }),
  };
}

function toTexts(written: Draft["labels"]): Map<string, string> {
  return new Map([...written].map(([key, { text }]) => [key, text]));
}

/** What is asked for, from the merged draft. Throws `UsageError` that lists every fault at once. */
export function buildSpec(draft: Draft, nowMs: number): JobRequest {
  const reader = new SettingReader(draft);
  const gang = readGang(reader);
  const walltimeMs = readWalltime(reader);
  const array = reader.read("array", readArray);
  const retryPolicy = readRetry(reader);
  const bending = readBending(reader, nowMs);
  const spec: JobRequest = {
    ...gang,
    walltimeMs,
    project: reader.text("project"),
    name: reader.text("name"),
    image: reader.text("image"),
    gpuModel: reader.text("gpu"),
    site: reader.text("site"),
    workingDirectory: reader.text("chdir"),
    script: draft.script?.text ?? "",
    command: [...(draft.command ?? [])],
    args: [...(draft.args ?? [])],
    priorityClass: reader.read("priority", readPriority) ?? PriorityClass.UNSPECIFIED,
    preemptible: reader.read("preemptible", readSwitch) ?? false,
    held: reader.read("hold", readSwitch) ?? false,
    beginTimeMs: reader.read("begin", (text) => readInstant(text, nowMs)) ?? 0,
    dependencies: readWaiting(reader),
    labels: toTexts(draft.labels),
    env: toTexts(draft.env),
    ...(array === undefined ? {} : { array }),
    ...(retryPolicy === undefined ? {} : { retryPolicy }),
    ...bending,
  };
  if (reader.faults.length === 0) {
    reader.faults.push(...checkBending(spec));
  }
  reader.faults.push(...checkProgram(draft, reader.text("image")));
  if (reader.faults.length > 0) {
    throw new UsageError(reader.faults.join("\n"));
  }
  return spec;
}
