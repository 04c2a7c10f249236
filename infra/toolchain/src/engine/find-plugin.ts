import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Part } from "../parts.ts";
import { repositoryDirectory, standInPlugin } from "../paths.ts";
import { runProgram } from "../programs/run-program.ts";
import { isProgram, programsInPath } from "../programs/search-path.ts";
import { parseVersion } from "../programs/version.ts";

const name = "pulumi-resource-kubernetes";
const without = "any stack: it speaks to Kubernetes";

/** The plugin's version is that of `@pulumi/kubernetes`: the engine asks for exactly it. */
export function pluginVersion(): string {
  const path = join(repositoryDirectory, "node_modules/@pulumi/kubernetes/package.json");
  const version = /"version": "([^"]+)"/.exec(readFileSync(path, "utf8"))?.[1];
  if (version === undefined) {
    throw new Error(`${path} names no version: run \`npm ci\` again`);
  }
  return version;
}

/** The real plugin of PATH or of the user's Pulumi home, else the stand-in of this repository. */
export async function findPlugin(environment: NodeJS.ProcessEnv): Promise<Part> {
  const version = pluginVersion();
  const real = { name, kind: "real", version, without } as const;
  const inPath = await findInPath(version, environment);
  if (inPath.path !== undefined) {
    return { ...real, where: "PATH", path: inPath.path, note: undefined };
  }
  const installed = join(
    environment["PULUMI_HOME"] ?? join(homedir(), ".pulumi"),
    `plugins/resource-kubernetes-v${version}`,
    name,
  );
  // What engineEnvironment has written itself lies in such a folder too, and is the stand-in.
  if (isProgram(installed) && !isWrapper(installed)) {
    return { ...real, where: "plugins", path: installed, note: inPath.note };
  }
  const note =
    inPath.note ?? `the real one: \`pulumi plugin install resource kubernetes ${version}\``;
  return isProgram(standInPlugin)
    ? { ...real, kind: "stand-in", where: "repository", path: standInPlugin, note }
    : {
        name,
        kind: "missing",
        where: "missing",
        version: undefined,
        path: undefined,
        without,
        note,
      };
}

export const wrapperMark = "# written by Ertis";

function isWrapper(path: string): boolean {
  const start = Buffer.alloc(64);
  const file = openSync(path, "r");
  try {
    readSync(file, start);
  } finally {
    closeSync(file);
  }
  return start.includes(wrapperMark);
}

interface InPath {
  readonly path: string | undefined;
  readonly note: string | undefined;
}

async function findInPath(version: string, environment: NodeJS.ProcessEnv): Promise<InPath> {
  const [path] = programsInPath(name, environment);
  if (path === undefined) {
    return { path: undefined, note: undefined };
  }
  const said = await runProgram(path, ["--version"], { environment, timeoutSeconds: 10 });
  const found = parseVersion(said.stdout + said.stderr)?.text;
  return found === version
    ? { path, note: undefined }
    : {
        path: undefined,
        note: `${path} is ${found ?? "of an unknown version"}, not ${version}`,
      };
}
