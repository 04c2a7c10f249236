import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { engineEnvironment, programPath } from "@ertis/infra-toolchain";
import type { Toolchain } from "@ertis/infra-toolchain";

export interface EngineResult {
  readonly exitCode: number;
  readonly text: string;
}

/** One stack of a program in a folder of its own, run by the real engine. */
export interface TestStack {
  readonly run: (
    args: readonly string[],
    variables?: Readonly<Record<string, string>>,
  ) => Promise<EngineResult>;
  /** Starts the engine and leaves it to the test. */
  readonly start: (
    args: readonly string[],
    variables?: Readonly<Record<string, string>>,
  ) => ChildProcess;
  readonly exportState: () => Promise<StackState>;
  readonly importState: (state: StackState) => Promise<void>;
  /** Pids of what this stack's engine started, by a part of their command line. */
  readonly processes: (part: string) => readonly number[];
}

export interface StackState {
  readonly deployment: {
    readonly resources?: readonly StateResource[];
    readonly pending_operations?: readonly {
      readonly resource: StateResource;
      readonly type: string;
    }[];
  };
}

export interface StateResource {
  readonly urn: string;
  readonly id?: string;
  readonly inputs?: { readonly metadata?: { readonly name?: string; readonly namespace?: string } };
  readonly outputs?: unknown;
  readonly initErrors?: readonly string[];
}

export interface StackOptions {
  readonly toolchain: Toolchain;
  readonly directory: string;
  readonly program: string;
  readonly variables: Readonly<Record<string, string>>;
}

export async function createStack(options: StackOptions): Promise<TestStack> {
  const project = join(options.directory, "project");
  mkdirSync(project);
  const head = ["name: stand-in", "runtime: {name: nodejs, options: {typescript: false}}", ""];
  writeFileSync(join(project, "Pulumi.yaml"), head.join("\n"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: "module", main: "main.ts" }));
  writeFileSync(join(project, "main.ts"), options.program);
  symlinkSync(
    resolve(import.meta.dirname, "../../../../../node_modules"),
    join(project, "node_modules"),
  );
  const base = engineEnvironment(options.toolchain, {
    stateDirectory: options.directory,
    variables: options.variables,
  });
  const pulumi = programPath(options.toolchain, "pulumi");
  const optionsWith = (variables: Readonly<Record<string, string>>) => ({
    cwd: project,
    env: { ...base, ...variables },
  });
  const run: TestStack["run"] = async (args, variables = {}) => {
    const { promise, resolve: done } = Promise.withResolvers<EngineResult>();
    const settings = { ...optionsWith(variables), maxBuffer: 1 << 28 };
    execFile(pulumi, [...args, "--non-interactive"], settings, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : 255;
      done({ exitCode, text: stdout + stderr });
    });
    return promise;
  };
  const stateFile = join(options.directory, "state.json");
  await run(["stack", "init", "test"]);
  return {
    run,
    start: (args, variables = {}) =>
      spawn(pulumi, [...args, "--non-interactive"], { ...optionsWith(variables), stdio: "ignore" }),
    async exportState() {
      await run(["stack", "export", "--file", stateFile]);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the engine's own format
      return JSON.parse(readFileSync(stateFile, "utf8")) as StackState;
    },
    async importState(state) {
      writeFileSync(stateFile, JSON.stringify(state));
      await run(["stack", "import", "--file", stateFile]);
    },
    processes: (part) => findProcesses(part, options.directory),
  };
}

function findProcesses(part: string, directory: string): readonly number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter(
      (pid) =>
        readProc(pid, "cmdline").includes(part) && readProc(pid, "environ").includes(directory),
    )
    .map(Number);
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // It ended in between.
    return "";
  }
}
