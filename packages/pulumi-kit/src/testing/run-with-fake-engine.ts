import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FakeEngine } from "./fake-engine.ts";
import type { RecordedResource } from "./recorded-resource.ts";

export interface FakeEngineRun {
  readonly stack: string;
  /** With the namespace: `ertis:profile`. */
  readonly config?: Readonly<Record<string, string>>;
  readonly isDryRun?: boolean;
  readonly outputsOfOtherStacks?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Added to PATH and HOME; KUBECONFIG and ERTIS_SITES_DIR only if given here. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Makes the engine say that it is of this version and not accepted. */
  readonly refuseVersion?: string;
}

export interface FakeEngineResult {
  readonly resources: readonly RecordedResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly exitCode: number;
  /** What the program told the engine to show, and what it wrote itself. */
  readonly messages: readonly string[];
}

/**
 * Runs a project as the language host does: Pulumi's own runner, the project's entry, its package.json
 * and Pulumi.yaml. Only the engine at the other end of the connection is ours.
 */
export async function runWithFakeEngine(
  projectDirectory: string,
  run: FakeEngineRun,
): Promise<FakeEngineResult> {
  const directory = resolve(projectDirectory);
  const project = readProjectName(directory);
  const isDryRun = run.isDryRun ?? true;
  const engine = new FakeEngine({
    project,
    stack: run.stack,
    isDryRun,
    outputsOfOtherStacks: run.outputsOfOtherStacks ?? {},
    ...(run.refuseVersion === undefined ? {} : { refuseVersion: run.refuseVersion }),
  });
  const address = await engine.start();
  try {
    const { exitCode, text } = await runProgram(
      [
        fileURLToPath(import.meta.resolve("@pulumi/pulumi/cmd/run/index.js")),
        `--monitor=${address}`,
        `--engine=${address}`,
        "--organization=organization",
        `--project=${project}`,
        `--stack=${run.stack}`,
        "--parallel=16",
        `--pwd=${directory}`,
        ...(isDryRun ? ["--dry-run"] : []),
        ".",
      ],
      run,
    );
    const printed = text.trim();
    return {
      resources: engine.resources,
      outputs: engine.outputs,
      exitCode,
      messages: [...engine.messages, ...(printed === "" ? [] : [printed])],
    };
  } finally {
    engine.stop();
  }
}

function readProjectName(directory: string): string {
  const text = readFileSync(resolve(directory, "Pulumi.yaml"), "utf8");
  const name = /^name: (?<name>\S+)$/m.exec(text)?.groups?.["name"];
  if (name === undefined) {
    throw new Error(`${directory}/Pulumi.yaml has no line "name: …"`);
  }
  return name;
}

async function runProgram(
  args: readonly string[],
  run: FakeEngineRun,
): Promise<{ readonly exitCode: number; readonly text: string }> {
  const child = spawn(process.execPath, args, {
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      PULUMI_NODEJS_TYPESCRIPT: "false",
      PULUMI_CONFIG: JSON.stringify(run.config ?? {}),
      ...run.environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const exitCode = await new Promise<number>((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => done(code ?? -1));
  });
  return { exitCode, text: Buffer.concat(chunks).toString("utf8") };
}
