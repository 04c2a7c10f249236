import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

export const root: string = resolve(import.meta.dirname, "../..");

/** A throw-away folder with the repository's own settings, into which a test plants a mistake. */
export interface PlantedTree {
  readonly path: string;
  write(name: string, content: string): void;
  /** Takes a file or folder of the repository along. */
  copy(name: string): void;
  run(
    program: string,
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<Run>;
  [Symbol.dispose](): void;
}

export interface Run {
  readonly exitCode: number;
  readonly output: string;
}

export function createPlantedTree(): PlantedTree {
  const path = mkdtempSync(join(tmpdir(), "ertis-guard-"));
  symlinkSync(join(root, "node_modules"), join(path, "node_modules"));
  writeFileSync(join(path, "package.json"), JSON.stringify({ name: "planted", type: "module" }));
  return {
    path,
    write(name, content) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), content);
    },
    copy(name) {
      cpSync(join(root, name), join(path, name), { recursive: true });
    },
    run: (program, args, environment = {}) => runIn({ folder: path, program, args, environment }),
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export interface Invocation {
  readonly folder: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs a program of the dependencies, or `node`, to its end. */
export function runIn({ folder, program, args, environment }: Invocation): Promise<Run> {
  const { promise, resolve: settle } = Promise.withResolvers<Run>();
  const bin = join(root, "node_modules/.bin");
  const options = {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${bin}:${process.env["PATH"] ?? ""}`,
      NO_COLOR: "1",
      TURBO_TELEMETRY_DISABLED: "1",
      ...environment,
    },
    maxBuffer: 64 * 1024 * 1024,
  };
  const file = program === "node" ? process.execPath : join(bin, program);
  execFile(file, args, options, (error, stdout, stderr) => {
    const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
    settle({ exitCode, output: `${stdout}${stderr}` });
  });
  return promise;
}

/** A package or an app, with the tag that says who may import it. */
export interface Workspace {
  /** From the root, for example `packages/scheduler-engine`. */
  readonly folder: string;
  readonly tag: string;
}

/** A settings file of the repository: JSON that may have comments on lines of their own. */
export function readSettings(name: string): unknown {
  return JSON.parse(readFileSync(join(root, name), "utf8").replaceAll(/^\s*\/\/.*$/gm, ""));
}

export function readWorkspaces(): readonly Workspace[] {
  const folders = ["packages", "apps"].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  );
  return [...folders, "tests"].map((folder) => {
    const settings = readSettings(`${folder}/turbo.json`) as { readonly tags: readonly string[] };
    const tag = settings.tags[0];
    if (tag === undefined || settings.tags.length !== 1) {
      throw new Error(
        `${folder}/turbo.json has ${settings.tags.length} tags; it needs exactly one`,
      );
    }
    return { folder, tag };
  });
}

/** Those in which neither a clock nor a file nor chance exists. */
export function readPureWorkspaces(): readonly Workspace[] {
  return readWorkspaces().filter(({ tag }) => ["base", "core", "runtime"].includes(tag));
}
