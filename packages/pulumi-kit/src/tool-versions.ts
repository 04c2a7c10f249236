import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { StackError } from "./stack-error.ts";

/** What the programs are tested with. The plugin has the version of the npm package of its name. */
export const requiredVersions = {
  /** Any patch of this minor. */
  pulumiMinor: "3.259",
  pulumiSdk: "3.259.0",
  kubernetesSdk: "4.32.0",
  /** The first that strips types without a warning. */
  node: "24.12",
} as const;

export interface FoundVersions {
  readonly node: string;
  readonly pulumiSdk: string;
  readonly kubernetesSdk: string;
  /** Why the engine refuses to work with us; undefined when it does not. */
  readonly engineRefusal: string | undefined;
}

/** What is wrong with the tools, one sentence each; empty when nothing is. */
export function versionProblems(found: FoundVersions): readonly string[] {
  const required = requiredVersions;
  const problems: string[] = [];
  if (!isAtLeast(found.node, required.node)) {
    problems.push(
      `Node ${found.node} runs this program; ${required.node} or later is needed. ` +
        "`npm ci` brings one in node_modules/.bin: put that folder first in PATH.",
    );
  }
  if (found.engineRefusal !== undefined) {
    const cli = /CLI version (?<version>\d\S*)/.exec(found.engineRefusal)?.groups?.["version"];
    problems.push(
      `The Pulumi CLI is ${cli ?? `not accepted (${found.engineRefusal})`}; ` +
        `${required.pulumiMinor}.x is needed. \`npm run toolchain\` brings it.`,
    );
  }
  for (const [name, version, wanted] of [
    ["@pulumi/pulumi", found.pulumiSdk, required.pulumiSdk],
    ["@pulumi/kubernetes", found.kubernetesSdk, required.kubernetesSdk],
  ] as const) {
    if (version !== wanted) {
      problems.push(
        `${name} is ${version}; ${wanted} is needed. \`npm ci\` installs what the lock file says.`,
      );
    }
  }
  return problems;
}

/** Looks at the tools before anything else: a plan of other versions is a plan nobody tested. */
export async function requireVersions(): Promise<void> {
  const problems = versionProblems({
    node: process.versions.node,
    pulumiSdk: packageVersion("@pulumi/pulumi"),
    kubernetesSdk: packageVersion("@pulumi/kubernetes"),
    engineRefusal: await findEngineRefusal(),
  });
  if (problems.length > 0) {
    throw new StackError(problems.join("\n"));
  }
}

async function findEngineRefusal(): Promise<string | undefined> {
  const [, minor] = requiredVersions.pulumiMinor.split(".");
  try {
    await pulumi.requirePulumiVersion(
      `>=${requiredVersions.pulumiMinor}.0 <3.${Number(minor) + 1}.0`,
    );
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function packageVersion(name: string): string {
  const path = fileURLToPath(import.meta.resolve(`${name}/package.json`));
  const content: unknown = JSON.parse(readFileSync(path, "utf8"));
  const version =
    typeof content === "object" && content !== null && "version" in content
      ? content.version
      : undefined;
  return typeof version === "string" ? version : "without a version";
}

function isAtLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
