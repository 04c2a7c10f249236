import { spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

/** A stack of the repository, run by the real engine with settings of its own. */
export interface RealStack {
  readonly project: string;
  readonly stack: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly configFile: string;
}

/** Runs `pulumi` in the project's folder to its end; throws with what it said when it fails. */
export async function pulumi(stack: RealStack, ...args: readonly string[]): Promise<string> {
  const name = `organization/${stack.project}/${stack.stack}`;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(
    "pulumi",
    [...args, "--non-interactive", "--stack", name, "--config-file", stack.configFile],
    {
      cwd: join(root, "infra", stack.project),
      env: stack.environment,
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
