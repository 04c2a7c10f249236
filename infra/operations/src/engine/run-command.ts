import { execFile } from "node:child_process";
import { OperationProblem } from "../problem.ts";
import { qualifiedName, stackName } from "../state/stack-workspace.ts";
import type { StackWorkspace } from "../state/stack-workspace.ts";
import { toPlainText } from "./run-summary.ts";

export interface CommandOutput {
  readonly isOk: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** A state of 1,500 resources is some megabytes. */
const outputLimitBytes = 512 * 1024 * 1024;

/** Runs a short command of the engine that changes nothing outside of its own state, such as `stack export`. */
export async function runCommand(
  workspace: StackWorkspace,
  args: readonly string[],
): Promise<CommandOutput> {
  return execute(workspace, [...args, "--stack", qualifiedName(workspace)]);
}

/** Names of the stacks of a project that the backend has. */
export async function listBackend(workspace: StackWorkspace): Promise<readonly string[]> {
  const { isOk, stdout, stderr } = await execute(workspace, ["stack", "ls", "--json"]);
  if (!isOk) {
    throw cannotOpen(workspace, stderr);
  }
  const list: unknown = JSON.parse(stdout);
  return (Array.isArray(list) ? list : []).flatMap((each: unknown) => {
    const name =
      typeof each === "object" && each !== null && "name" in each ? each.name : undefined;
    return typeof name === "string" ? (name.split("/").at(-1) ?? []) : [];
  });
}

async function execute(workspace: StackWorkspace, args: readonly string[]): Promise<CommandOutput> {
  return new Promise((resolve, reject) => {
    execFile(
      "pulumi",
      [...args, "--non-interactive"],
      {
        cwd: workspace.settingsDirectory,
        env: workspace.environment,
        maxBuffer: outputLimitBytes,
      },
      (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== "number") {
          reject(error);
          return;
        }
        resolve({ isOk: error === null, stdout, stderr: toPlainText(stderr) });
      },
    );
  });
}

/** Makes the stack where the backend does not have it yet. */
export async function createStack(workspace: StackWorkspace): Promise<void> {
  const { isOk, stderr } = await runCommand(workspace, ["stack", "init"]);
  if (!isOk && !stderr.includes("already exists")) {
    throw cannotOpen(workspace, stderr);
  }
}

export function cannotOpen(workspace: StackWorkspace, stderr: string): OperationProblem {
  return new OperationProblem(
    "unavailable",
    `the state of ${stackName(workspace)} cannot be opened: ${stderr.replace(/^error: /, "")}`,
    "see that the backend of PULUMI_BACKEND_URL answers and that PULUMI_CONFIG_PASSPHRASE is right",
  );
}
