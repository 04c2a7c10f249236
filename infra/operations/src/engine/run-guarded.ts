import { OperationProblem } from "../problem.ts";
import { parseLockRefusal } from "../recovery/locks.ts";
import { assertNotHeld, recover } from "../recovery/recover.ts";
import type { Recovery } from "../recovery/recover.ts";
import { stackName } from "../state/stack-workspace.ts";
import type { StackWorkspace } from "../state/stack-workspace.ts";
import { runCommand } from "./run-command.ts";
import { runEngine } from "./run-engine.ts";
import type { EngineResult, EngineRun } from "./run-engine.ts";

export interface GuardedResult extends EngineResult {
  readonly recovery: Recovery;
}

/**
 * A run that changes something: first whatever an interrupted run left behind is put right. `onRecovery`
 * hears of it before the run begins.
 */
export async function runGuarded(
  workspace: StackWorkspace,
  run: EngineRun,
  onRecovery: (recovery: Recovery) => void = () => undefined,
): Promise<GuardedResult> {
  const recovery = await withoutDeadLocks(workspace, async () => recover(workspace));
  onRecovery(recovery);
  const result = await withoutDeadLocks(workspace, async () => {
    const outcome = await runEngine(workspace, run);
    refuseIfLocked(outcome.errors);
    return outcome;
  });
  return { ...result, recovery };
}

/** The engine's refusal because somebody else holds the lock. */
class Locked extends Error {
  override readonly name = "Locked";
}

function refuseIfLocked(errors: readonly string[]): void {
  const refusal = errors.find((error) => parseLockRefusal(error).length > 0);
  if (refusal !== undefined) {
    throw new Locked(refusal);
  }
}

/** In a backend that is no folder a lock is known only from the engine's refusal. */
async function withoutDeadLocks<T>(
  workspace: StackWorkspace,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!isLocked(error)) {
      throw error;
    }
    assertNotHeld(workspace, parseLockRefusal(error.message));
    const { isOk, stderr } = await runCommand(workspace, ["cancel", "--yes"]);
    if (!isOk) {
      throw new OperationProblem(
        "busy",
        `the dead lock of ${stackName(workspace)} cannot be released: ${stderr}`,
        "see that the backend answers and run again",
      );
    }
    return action();
  }
}

function isLocked(error: unknown): error is Error {
  return error instanceof Error && parseLockRefusal(error.message).length > 0;
}
