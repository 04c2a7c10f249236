import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findToolchain } from "../find-toolchain.ts";
import { repositoryDirectory } from "../paths.ts";
import { runProgram } from "../programs/run-program.ts";
import { missingParts, programPath, type Toolchain } from "../toolchain.ts";
import { engineEnvironment } from "./engine-environment.ts";

const toolchain: Toolchain = await findToolchain();
let directory: string;

beforeEach((context) => {
  directory = mkdtempSync(join(tmpdir(), "ertis-engine-"));
  const missing = missingParts(toolchain, [
    "pulumi",
    "pulumi-language-nodejs",
    "pulumi-resource-kubernetes",
  ]);
  if (missing !== undefined) {
    context.skip(missing);
  }
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe("the engine in its environment", () => {
  it("runs a TypeScript program, keeps state and secrets in files, and finds the plugin", async () => {
    writeFileSync(
      join(directory, "Pulumi.yaml"),
      "name: probe\nruntime: { name: nodejs, options: { typescript: false } }\nmain: main.ts\n",
    );
    writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(
      join(directory, "main.ts"),
      `import { secret } from "@pulumi/pulumi";
       const answer: number = 42;
       export const found = secret({ answer, node: process.version });`,
    );
    symlinkSync(join(repositoryDirectory, "node_modules"), join(directory, "node_modules"));
    const environment = engineEnvironment(toolchain, { stateDirectory: join(directory, "state") });
    const pulumi = async (...command: readonly string[]): Promise<string> => {
      const said = await runProgram(programPath(toolchain, "pulumi"), command, {
        directory,
        environment,
      });
      expect(said.exitCode, said.stdout + said.stderr).toBe(0);
      return said.stdout;
    };
    await pulumi("stack", "init", "main");
    await pulumi("up", "--yes", "--skip-preview");
    expect(await pulumi("stack", "output", "--json")).toContain("[secret]");
    expect(JSON.parse(await pulumi("stack", "output", "--json", "--show-secrets"))).toEqual({
      found: { answer: 42, node: expect.stringMatching(/^v2[4-9]\./) },
    });
    // What an engine that is killed would leave empty, so that nobody could read the state.
    const files = readdirSync(join(directory, "state/stacks"), { recursive: true }).map(String);
    expect(files.filter((name) => /main\.json$|\.attrs$/.test(name))).toEqual([
      ".pulumi/stacks/probe/main.json",
    ]);
    expect(await pulumi("plugin", "ls")).toMatch(/kubernetes +resource +4\.32\.0/);
  });
});
