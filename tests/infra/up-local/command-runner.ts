import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ResourceChange, RunSummary } from "@ertis/infra-operations";
import { programPath, type Toolchain } from "@ertis/infra-toolchain";
import { afterEach, expect } from "vitest";

const infraDirectory = join(import.meta.dirname, "../../../infra");

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StackRow extends RunSummary {
  readonly stack: string;
  readonly isOk: boolean;
}

/** Command lines as a person types them, with state and site files of one test. */
export interface CommandRunner {
  readonly run: (...args: readonly string[]) => Promise<Said>;
  /** The same with more in its environment. */
  readonly runIn: (
    environment: Readonly<Record<string, string>>,
    ...args: readonly string[]
  ) => Promise<Said>;
  /** What up would change in these local stacks, with the site files as they are now. */
  readonly preview: (...names: readonly string[]) => Promise<readonly StackRow[]>;
  readonly clustersDown: () => void;
  readonly kubectl: (cluster: string, ...args: readonly string[]) => string;
  /** Changes a site's file in one place, runs, and puts it back. */
  readonly withChange: <T>(
    file: string,
    change: readonly [before: string | RegExp, after: string],
    action: () => Promise<T>,
  ) => Promise<T>;
}

export interface RunnerPlace {
  readonly toolchain: Toolchain;
  readonly stateDirectory: string;
  readonly sitesDirectory: string;
}

export function createRunner(place: RunnerPlace): CommandRunner {
  const { stateDirectory, sitesDirectory } = place;
  const running = new Set<ChildProcess>();
  // A command that outlives its test would change what the next one looks at.
  afterEach(async () => {
    await Promise.all([...running].map(interrupt));
  });
  const ownVariables = { ERTIS_STATE_DIR: stateDirectory, ERTIS_SITES_DIR: sitesDirectory };
  const runIn: CommandRunner["runIn"] = async (environment, ...args) =>
    spawnOperations({ ...process.env, ...ownVariables, ...environment }, args, running);
  const run: CommandRunner["run"] = async (...args) => runIn({}, ...args);
  return {
    run,
    runIn,
    preview: async (...names) => {
      const flags = names.flatMap((name) => ["--stack", name]);
      const { stdout, stderr } = await run("preview", "--local", "--json", ...flags);
      expect(stdout, stderr).toMatch(/^\[/);
      return JSON.parse(stdout) as readonly StackRow[];
    },
    clustersDown: () => {
      spawnSync(
        process.execPath,
        [join(infraDirectory, "toolchain/src/clusters-main.ts"), "down"],
        { env: { ...process.env, ...ownVariables } },
      );
    },
    kubectl: (cluster, ...args) => kubectl(place, cluster, args),
    withChange: async (file, change, action) =>
      withChange(join(sitesDirectory, file), change, action),
  };
}

async function spawnOperations(
  environment: NodeJS.ProcessEnv,
  args: readonly string[],
  running: Set<ChildProcess>,
): Promise<Said> {
  const main = join(infraDirectory, "operations/src/main.ts");
  const child = spawn(process.execPath, [main, ...args], { env: environment });
  running.add(child);
  child.on("close", () => running.delete(child));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** As Ctrl-C does: operations end what they started and leave a state that a second up mends. */
async function interrupt(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve) => {
    child.on("close", () => resolve());
    child.kill("SIGINT");
  });
}

function kubectl(place: RunnerPlace, cluster: string, args: readonly string[]): string {
  const kubeconfig = join(place.stateDirectory, "kwok", "kubeconfigs", `${cluster}.yaml`);
  const program = programPath(place.toolchain, "kubectl");
  const said = spawnSync(program, ["--kubeconfig", kubeconfig, ...args], { encoding: "utf8" });
  expect(said.stderr).toBe("");
  return said.stdout;
}

async function withChange<T>(
  path: string,
  [before, after]: readonly [string | RegExp, string],
  action: () => Promise<T>,
): Promise<T> {
  const text = readFileSync(path, "utf8");
  const changed = text.replace(before, after);
  expect(changed, `${String(before)} is not in ${path}`).not.toBe(text);
  writeFileSync(path, changed);
  try {
    return await action();
  } finally {
    writeFileSync(path, text);
  }
}

/** `~ ClusterQueue/…` of all stacks, without what the kit puts before names. */
export function told(rows: readonly StackRow[]): readonly string[] {
  return rows.flatMap(({ stack, changes }) =>
    changes.map(({ op, name }) => `${stack}: ${op} ${shortName(name)}`),
  );
}

export function shortName(name: string): string {
  return name.slice(name.indexOf("/") + 1);
}

export function replaced(rows: readonly StackRow[]): readonly ResourceChange[] {
  return rows.flatMap(({ changes }) => changes.filter(({ op }) => op === "replace"));
}
