import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildEnvironment } from "../build/build-key.ts";
import { runProgram } from "../programs/run-program.ts";
import { moduleFolder, moduleVersion } from "./crd-source.ts";
import { definitionFiles, writeDefinitions } from "./definition-files.ts";
import { definitions, type FamilyDefinitions } from "./families.ts";

export interface CollectOptions {
  readonly root: string;
  readonly goPath: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

/** Families whose module may still be asked for: not collected, not refused before. */
export function definitionsToCollect(root: string): readonly FamilyDefinitions[] {
  return definitions.filter((entry) => {
    const folder = moduleFolder(root, entry);
    return folder !== undefined && !existsSync(folder) && !existsSync(refusalPath(folder));
  });
}

/**
 * Takes definitions out of Go modules. A refusal is noted and final: the family then comes from
 * `ERTIS_CRDS_DIR`, and `doctor` says so.
 */
export async function collectDefinitions(options: CollectOptions): Promise<void> {
  for (const entry of definitionsToCollect(options.root)) {
    const folder = moduleFolder(options.root, entry);
    if (folder === undefined || entry.module === undefined) {
      continue;
    }
    const startMs = performance.now();
    const said = await download(options, `${entry.module.path}@${moduleVersion(entry)}`);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    if (said.kind === "refused") {
      if (isFinal(said.message)) {
        mkdirSync(dirname(folder), { recursive: true });
        writeFileSync(refusalPath(folder), `${said.message}\n`);
      }
      options.say(`  definitions of ${entry.family}: no Go module to be had (${seconds} s)`);
      continue;
    }
    const { source, prefix } = entry.module;
    const files = definitionFiles(join(said.directory, source), prefix ?? "");
    writeDefinitions(folder, files, entry.base, join(said.directory, "LICENSE"));
    options.say(`  definitions of ${entry.family}: ${seconds} s`);
  }
}

/** The proxy or the checksum database answered that there is no such module; a broken network did not. */
export function isFinal(message: string): boolean {
  return /\b(403 Forbidden|404 Not Found|410 Gone)\b/.test(message);
}

function refusalPath(folder: string): string {
  return `${folder}.refused`;
}

type Downloaded =
  | { readonly kind: "module"; readonly directory: string }
  | { readonly kind: "refused"; readonly message: string };

async function download(
  { goPath, environment }: CollectOptions,
  moduleAndVersion: string,
): Promise<Downloaded> {
  // Outside of any module: what a module of ours requires must not change what is downloaded.
  const { stdout, stderr } = await runProgram(
    goPath,
    ["mod", "download", "-json", moduleAndVersion],
    {
      directory: tmpdir(),
      environment: { ...environment, ...buildEnvironment },
      timeoutSeconds: 300,
    },
  );
  const directory = /"Dir": "([^"]+)"/.exec(stdout)?.[1];
  return directory === undefined
    ? { kind: "refused", message: `${stdout}${stderr}`.trim() }
    : { kind: "module", directory };
}
