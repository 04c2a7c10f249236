import { readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { describeFileError } from "../job-file/describe-file-error.ts";
import { UsageError } from "../usage-error.ts";

/** Which scheduler to speak to, and as whom. */
export interface ServerContext {
  readonly address: string;
  /** Empty = none. */
  readonly token: string;
  /** Name of the person the token is of, for messages; empty = unknown. */
  readonly person: string;
  /** Project of jobs that name none; empty = none. It is of the file's person, and goes with their token. */
  readonly project: string;
  /** File with the authority's certificates, PEM; undefined = the system's. */
  readonly caFile: string | undefined;
  /** Where all this comes from, for messages. */
  readonly source: string;
}

/** What the command line says about it; flags win over everything. */
export interface ContextFlags {
  readonly address?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  /** Name of a context beside the usual one, for example `operator`. */
  readonly as?: string;
}

/** The rest of the world a context is looked up in. */
export interface ContextWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly warn: (message: string) => void;
}

/** What a context file may hold. */
interface ContextFile {
  readonly address?: string;
  readonly token?: string;
  readonly person?: string;
  readonly project?: string;
  readonly caFile?: string;
}

const keys = ["address", "token", "person", "project", "caFile"] as const;

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") {
      return undefined;
    }
    throw new UsageError(`cannot read ${path}: ${describeFileError(error)}`);
  }
}

/** A secret that others on the machine can read is one no longer. */
function warnIfShared(path: string, world: ContextWorld): void {
  const mode = statSync(path).mode;
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8);
    world.warn(`${path} holds a token and others may read it (mode ${octal}): chmod 600 ${path}`);
  }
}

function parseContextFile(path: string, text: string): ContextFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${error instanceof Error ? error.message : ""}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(`${path} must hold an object with ${keys.join(", ")}`);
  }
  const entries = Object.entries(value);
  const wrong = entries.find(
    ([key, each]) => keys.some((known) => known === key) && typeof each !== "string",
  );
  if (wrong !== undefined) {
    throw new UsageError(`${path}: ${wrong[0]} must be a text`);
  }
  return Object.fromEntries(entries.filter(([, each]) => typeof each === "string"));
}

interface Found {
  readonly path: string;
  readonly file: ContextFile;
}

function readContextFile(path: string, world: ContextWorld): Found | undefined {
  const text = readIfThere(path);
  if (text === undefined) {
    return undefined;
  }
  const file = parseContextFile(path, text);
  if (file.token !== undefined && file.token !== "") {
    warnIfShared(path, world);
  }
  return { path, file };
}

/**
 * A file found by looking upward may have been put there by anybody (in /tmp, say), and would send the caller's
 * token to an address of theirs: only files of one's own are taken.
 */
function isOwn(path: string, world: ContextWorld): boolean {
  const { uid } = statSync(path);
  const isMine = process.getuid === undefined || uid === process.getuid();
  if (!isMine) {
    world.warn(`${path} is left out: it belongs to somebody else (ERTIS_CONTEXT=${path} takes it)`);
  }
  return isMine;
}

/** `.ertis/context.json` from here upward, then the user's own. */
function findContextFile(name: string | undefined, world: ContextWorld): Found | undefined {
  const tail = name === undefined ? "context.json" : join("contexts", `${name}.json`);
  for (let folder = world.cwd; ; folder = dirname(folder)) {
    const found = readContextFile(join(folder, ".ertis", tail), world);
    if (found !== undefined && isOwn(found.path, world)) {
      return found;
    }
    if (folder === dirname(folder)) {
      break;
    }
  }
  const { env } = world;
  const home = env["HOME"] ?? "";
  const configHome = env["XDG_CONFIG_HOME"] ?? "";
  const config = configHome === "" ? join(home, ".config") : configHome;
  return readContextFile(join(config, "ertis", tail), world);
}

/** Where `npm start` with the same ERTIS_DATA puts its contexts. */
function findInData(tail: string, world: ContextWorld): Found | undefined {
  const folder = world.env["ERTIS_DATA"] ?? "";
  return folder === "" ? undefined : readContextFile(resolve(world.cwd, folder, tail), world);
}

function findNamed(flags: ContextFlags, world: ContextWorld): Found | undefined {
  const fixed = world.env["ERTIS_CONTEXT"] ?? "";
  if (flags.as !== undefined) {
    if (!/^[A-Za-z0-9][\w.-]*$/.test(flags.as)) {
      throw new UsageError(`--as ${JSON.stringify(flags.as)} is not a name`);
    }
    const found =
      findInData(join("contexts", `${flags.as}.json`), world) ?? findContextFile(flags.as, world);
    if (found === undefined) {
      throw new UsageError(
        `there is no context ${JSON.stringify(flags.as)}`,
        `put it into .ertis/contexts/${flags.as}.json, here or in a folder above`,
      );
    }
    return found;
  }
  if (fixed !== "") {
    const path = isAbsolute(fixed) ? fixed : resolve(world.cwd, fixed);
    const found = readContextFile(path, world);
    if (found === undefined) {
      throw new UsageError(`ERTIS_CONTEXT names ${path}, which does not exist`);
    }
    return found;
  }
  return findInData("context.json", world) ?? findContextFile(undefined, world);
}

function readTokenFile(path: string, world: ContextWorld): string {
  const full = resolve(world.cwd, path);
  const token = readIfThere(full)?.trim();
  if (token === undefined || token === "") {
    throw new UsageError(`the token file ${full} ${token === "" ? "is empty" : "does not exist"}`);
  }
  warnIfShared(full, world);
  return token;
}

/**
 * Which scheduler, and as whom: flags, then ERTIS_ADDRESS and ERTIS_TOKEN, then a context file (the one
 * of `--as`, of ERTIS_CONTEXT, `context.json` in ERTIS_DATA, the nearest `.ertis/context.json`, or the
 * user's). A token of a context file is never sent to an address from elsewhere.
 */
export function loadContext(flags: ContextFlags, world: ContextWorld): ServerContext {
  const { env } = world;
  const found = findNamed(flags, world);
  const file = found?.file ?? {};
  const given = flags.address ?? env["ERTIS_ADDRESS"] ?? "";
  const address = given === "" ? (file.address ?? "") : given;
  if (address === "") {
    throw new UsageError(
      "no scheduler is known here",
      'start one with "npm start", go into a folder with .ertis/context.json, set ERTIS_DATA as "npm start" had it, or ' +
        "give --address",
    );
  }
  const envToken = env["ERTIS_TOKEN"] ?? "";
  const fileToken = address === file.address ? (file.token ?? "") : "";
  const token = flags.tokenFile === undefined ? envToken : readTokenFile(flags.tokenFile, world);
  return {
    address,
    token: token === "" ? fileToken : token,
    person: token === "" ? (file.person ?? "") : "",
    project: token === "" && address === file.address ? (file.project ?? "") : "",
    caFile: flags.caFile ?? file.caFile,
    source: given === "" ? (found?.path ?? "") : "flags and environment",
  };
}
