import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Physics } from "@ertis/executor-simulated";
import { toNumber } from "@ertis/quantities";
import { StartProblem } from "../start/problem.ts";
import { ConfigDocument, type Field } from "./document.ts";
import { readEngineLimits, readServerLimits } from "./read-limits.ts";
import { readPeople, readRates } from "./read-people.ts";
import {
  type ClusterConfig,
  defaultConfig,
  measureEveryMsDefault,
  type ServerConfig,
  type SiteConfig,
  type TlsConfig,
} from "./server-config.ts";

const keys: readonly string[] = [
  "listen",
  "data",
  "retention",
  "snapshots",
  "clock",
  "clockStart",
  "limits",
  "engine",
  "rates",
  "projects",
  "people",
  "sites",
  "clusters",
  "tls",
];

/**
 * Reads a configuration file. Paths in it are relative to the file.
 *
 * @throws StartProblem that names every mistake with its line
 */
export function readConfigFile(file: string): ServerConfig {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const advice = "check the path given with --config";
    throw new StartProblem("usage", `cannot read ${file}`, advice, { cause: error });
  }
  return parseConfig(text, file);
}

export function parseConfig(text: string, file: string): ServerConfig {
  const document = new ConfigDocument(text);
  const config = readAll(document, dirname(resolve(file)));
  if (document.problems.length > 0) {
    const lines = document.problems
      .toSorted((a, b) => a.line - b.line)
      .map(
        ({ line, path, message }) => `${file}:${line}: ${path}${path === "" ? "" : ": "}${message}`,
      );
    throw new StartProblem(
      "usage",
      `the configuration has ${lines.length} ${lines.length === 1 ? "mistake" : "mistakes"}:\n  ${lines.join("\n  ")}`,
      "correct it and start again; apps/scheduler/README.md describes every field",
    );
  }
  return config;
}

function readAll(document: ConfigDocument, directory: string): ServerConfig {
  const fields = document.entries(document.root, keys);
  const base = defaultConfig;
  const path = (field: Field | undefined): string | undefined => {
    const text = document.text(field);
    return text === undefined ? undefined : resolve(directory, text);
  };
  const clock = document.oneOf(fields.get("clock"), ["real", "stepped"]) ?? base.clock;
  return {
    ...readListen(document, fields.get("listen")),
    dataDirectory: path(fields.get("data")),
    retention: readRetention(document, fields.get("retention")),
    snapshots: readSnapshots(document, fields.get("snapshots")),
    limits: readServerLimits(document, fields.get("limits")),
    engineLimits: readEngineLimits(document, fields.get("engine")),
    sites: document.items(fields.get("sites")).flatMap((one) => readSite(document, one, directory)),
    clock,
    clockStartMs: readMoment(document, fields.get("clockStart")) ?? base.clockStartMs,
    clusters: document
      .items(fields.get("clusters"))
      .flatMap((one) => readCluster(document, one, clock)),
    projects: document.items(fields.get("projects")).flatMap((one) => document.text(one) ?? []),
    people: readPeople(document, fields.get("people"), directory),
    isWithoutAuth: false,
    ...readRates(document, fields.get("rates")),
    tls: readTls(document, fields.get("tls"), path),
  };
}

/** `host:port`, `[::1]:port` or a bare port. */
export function parseListen(
  text: string,
): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:]+)\]:|([^:\s]+):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3] ?? Number.NaN);
  return match === null || port > 65_535
    ? undefined
    : { host: match[1] ?? match[2] ?? defaultConfig.host, port };
}

function readListen(
  document: ConfigDocument,
  field: Field | undefined,
): Pick<ServerConfig, "host" | "port"> {
  const { host, port } = defaultConfig;
  const text = document.text(field);
  const listen = text === undefined ? undefined : parseListen(text);
  if (field !== undefined && text !== undefined && listen === undefined) {
    document.add(field, `found "${text}", but host:port is needed, for example "127.0.0.1:7070"`);
  }
  return listen ?? { host, port };
}

function readMoment(document: ConfigDocument, field: Field | undefined): number | undefined {
  const text = document.text(field);
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  if (field !== undefined && text !== undefined && Number.isNaN(ms)) {
    document.add(field, `found "${text}", but a moment is written like "2026-01-01T00:00:00Z"`);
  }
  return Number.isNaN(ms) ? undefined : ms;
}

function readRetention(
  document: ConfigDocument,
  field: Field | undefined,
): ServerConfig["retention"] {
  const { retention } = defaultConfig;
  const fields = field === undefined ? undefined : document.entries(field, ["rows", "age"]);
  return {
    rowsMax: document.whole(fields?.get("rows"), 1_000, 1e12) ?? retention.rowsMax,
    ageMax: document.duration(fields?.get("age")) ?? retention.ageMax,
  };
}

function readSnapshots(
  document: ConfigDocument,
  field: Field | undefined,
): ServerConfig["snapshots"] {
  const { snapshots } = defaultConfig;
  const names = ["everyRows", "everyCharacters"];
  const fields = field === undefined ? undefined : document.entries(field, names);
  const rows = document.whole(fields?.get("everyRows"), 100, 1e12);
  const characters = document.whole(fields?.get("everyCharacters"), 10_000, 1e15);
  return {
    everyRows: rows ?? snapshots.everyRows,
    everyCharacters: characters ?? snapshots.everyCharacters,
  };
}

function readSite(document: ConfigDocument, field: Field, directory: string): SiteConfig[] {
  const fields = document.entries(field, ["file", "phases"]);
  const fileField = fields.get("file");
  const name = document.text(fileField);
  const phases = document.oneOf(fields.get("phases"), ["built", "all"]) ?? "built";
  if (fileField === undefined || name === undefined) {
    if (fileField === undefined) {
      document.add(
        field,
        "has no file; name a site file, for example infra/sites/pavlodar-hub.yaml",
      );
    }
    return [];
  }
  try {
    return [{ file: name, text: readFileSync(resolve(directory, name), "utf8"), phases }];
  } catch {
    document.add(fileField, `cannot be read: ${resolve(directory, name)}`);
    return [];
  }
}

function readCluster(
  document: ConfigDocument,
  field: Field,
  clock: ServerConfig["clock"],
): ClusterConfig[] {
  const fields = document.entries(field, ["site", "seed", "process", "physics", "measure"]);
  const site = document.text(fields.get("site"));
  if (site === undefined) {
    document.add(field, "has no site; name the site that is simulated");
    return [];
  }
  return [
    {
      site,
      seed: document.whole(fields.get("seed"), 0, 2 ** 32 - 1) ?? 1,
      isOwnProcess: document.flag(fields.get("process")) ?? false,
      physics: readPhysics(fields.get("physics")),
      measureEveryMs: readInterval(document, fields.get("measure"), clock),
    },
  ];
}

const measureEveryMs = { min: 1_000, max: 60_000 } as const;

/** On a stepped clock every reading is a step: there only who asks for them gets any. */
function readInterval(
  document: ConfigDocument,
  field: Field | undefined,
  clock: ServerConfig["clock"],
): number {
  const interval = document.duration(field);
  if (interval === undefined) {
    return clock === "real" ? measureEveryMsDefault : 0;
  }
  const everyMs = toNumber(interval);
  const { min, max } = measureEveryMs;
  if (field !== undefined && everyMs !== 0 && (everyMs < min || everyMs > max)) {
    document.add(field, "is not from 1s to 1m, nor 0s, which measures nothing");
  }
  return everyMs;
}

/** Checked by the cluster itself, which names the wrong option (`physicsWith`). */
function readPhysics(field: Field | undefined): Partial<Physics> {
  const value: unknown = field?.node?.toJSON();
  return typeof value === "object" && value !== null ? value : {};
}

function readTls(
  document: ConfigDocument,
  field: Field | undefined,
  path: (field: Field | undefined) => string | undefined,
): TlsConfig | undefined {
  if (field === undefined) {
    return undefined;
  }
  const fields = document.entries(field, ["certificate", "key", "clientAuthority"]);
  const certificateFile = path(fields.get("certificate"));
  const keyFile = path(fields.get("key"));
  if (certificateFile === undefined || keyFile === undefined) {
    document.add(field, "needs certificate and key, both PEM files");
    return undefined;
  }
  return { certificateFile, keyFile, clientAuthorityFile: path(fields.get("clientAuthority")) };
}
