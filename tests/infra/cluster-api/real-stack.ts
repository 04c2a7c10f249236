import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

/** A stack of the repository, run by the real engine with settings of its own. */
export interface RealStack {
  readonly project: string;
  readonly stack: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Holds a Pulumi.yaml of the project's name and the stack's settings: nothing is written beside the program. */
  readonly settingsDirectory: string;
}

/** What a command of the engine works on: the program, or only the stack's settings and state. */
export type Subject = "program" | "settings";

/** Runs `pulumi` to its end; throws with what it said when it fails. */
export async function pulumi(
  { project, stack, environment, settingsDirectory }: RealStack,
  subject: Subject,
  ...args: readonly string[]
): Promise<string> {
  const name = `organization/${project}/${stack}`;
  const settings = ["--config-file", join(settingsDirectory, `Pulumi.${stack}.yaml`)];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(
    "pulumi",
    [...args, "--non-interactive", "--stack", name, ...(subject === "program" ? settings : [])],
    {
      cwd: subject === "program" ? join(root, "infra", project) : settingsDirectory,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  child.on("error", reject);
  child.on("close", (code) => {
    if (code === 0) {
      resolve(output);
    } else {
      reject(new Error(`pulumi ${args.join(" ")} of ${name} ended with ${code}:\n${output}`));
    }
  });
  return promise;
}

/**
 * Gives a stack outputs that it did not make, so that a stack which needs it can be tested without it.
 */
export async function importOutputs(
  stack: RealStack,
  outputs: Readonly<Record<string, unknown>>,
): Promise<void> {
  const type = "pulumi:pulumi:Stack";
  const name = `${stack.project}-${stack.stack}`;
  const urn = `urn:pulumi:${stack.stack}::${stack.project}::${type}::${name}`;
  const manifest = { time: "2026-01-01T00:00:00Z", magic: "", version: "" };
  const deployment = { manifest, resources: [{ urn, custom: false, type, outputs }] };
  const file = join(stack.settingsDirectory, "state.json");
  writeFileSync(file, JSON.stringify({ version: 3, deployment }));
  await pulumi(stack, "settings", "stack", "import", "--file", file);
}
