import { join } from "node:path";
import { withLock } from "@ertis/infra-toolchain";
import { OperationProblem } from "../problem.ts";
import { stateRoot } from "../settings/run-settings.ts";

/**
 * Runs what changes the stacks of the local profile, or refuses while another process does: each stack is
 * locked by itself, but one command that brings all up while another takes all down would both succeed.
 */
export async function withLocalTurn<T>(
  work: () => Promise<T>,
  directory: string = join(stateRoot, "local-turn"),
): Promise<T> {
  const refuse = (pid: number): never => {
    throw new OperationProblem(
      "busy",
      `process ${pid} brings the local stacks up or takes them down`,
      `wait until it has ended, or end it with: kill ${pid}; then run this again`,
    );
  };
  return withLock(directory, { onWait: refuse }, work);
}
