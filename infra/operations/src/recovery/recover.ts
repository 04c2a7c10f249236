import { rmSync } from "node:fs";
import { join } from "node:path";
import { endRun } from "../engine/run-record.ts";
import type { RunRecord } from "../engine/run-record.ts";
import { cannotOpen, createStack, runCommand } from "../engine/run-command.ts";
import { runEngine } from "../engine/run-engine.ts";
import { OperationProblem } from "../problem.ts";
import { stackName } from "../state/stack-workspace.ts";
import type { StackWorkspace } from "../state/stack-workspace.ts";
import { writeFileAtomically } from "../state/write-file.ts";
import { endOrphans, findLeftovers } from "./leftovers.ts";
import { createObjectReader, toLiveObject } from "./live-object.ts";
import { judgeLock, readLocks, releaseLock } from "./locks.ts";
import type { StackLock } from "./locks.ts";
import { decidePending, pendingCreates, toObjectReference } from "./pending.ts";
import type { PendingDecision } from "./pending.ts";
import { settleState } from "./settle-state.ts";
import { exportState } from "./state-export.ts";

/** What was put right before a run; all empty after a run that ended by itself. */
export interface Recovery {
  readonly endedPids: readonly number[];
  readonly releasedLockCount: number;
  readonly importedUrns: readonly string[];
  readonly clearedUrns: readonly string[];
  /** Updates and deletes whose end nobody had seen. */
  readonly refreshedUrns: readonly string[];
}

/**
 * Makes the stack where it is new, and puts it in order after a run that was killed: ends what it left running, releases its lock, and
 * finds out about every operation whose end nobody saw. Never touches a run that lives.
 */
export async function recover(workspace: StackWorkspace): Promise<Recovery> {
  const { livingEngine, orphans, interruptedRuns } = findLeftovers(workspace);
  if (livingEngine !== undefined) {
    throw busy(workspace, `process ${livingEngine.pid}`, livingEngine.startedAt);
  }
  const deadLocks = assertNotHeld(workspace, readLocks(workspace));
  const stubborn = await endOrphans(orphans);
  if (stubborn.length > 0) {
    throw new OperationProblem(
      "busy",
      `${stackName(workspace)}: what an interrupted run left running does not end: ${stubborn.map(({ pid, program }) => `${program} (${pid})`).join(", ")}`,
      "end these processes and run again",
    );
  }
  for (const lock of deadLocks) {
    releaseLock(lock);
  }
  const settled = await settlePending(workspace, interruptedRuns);
  interruptedRuns.forEach(endRun);
  return {
    endedPids: orphans.map(({ pid }) => pid),
    releasedLockCount: deadLocks.length,
    ...settled,
  };
}

export function isNothing(recovery: Recovery): boolean {
  return Object.values(recovery).every((each) =>
    Array.isArray(each) ? each.length === 0 : each === 0,
  );
}

/** The dead locks of a stack; refuses where one may be alive. */
export function assertNotHeld(
  workspace: StackWorkspace,
  locks: readonly StackLock[],
): readonly StackLock[] {
  for (const lock of locks) {
    const state = judgeLock(lock);
    if (state === "held") {
      throw busy(workspace, `process ${lock.pid} of ${lock.user}`, lock.since);
    }
    if (state === "elsewhere") {
      throw new OperationProblem(
        "busy",
        `${stackName(workspace)} is locked from ${lock.host} by process ${lock.pid} of ${lock.user} since ${lock.since.toISOString()}`,
        `see there whether it still runs; once it surely does not: pulumi cancel --yes --stack organization/${stackName(workspace)}`,
      );
    }
  }
  return locks;
}

function busy(workspace: StackWorkspace, holder: string, since: Date): OperationProblem {
  return new OperationProblem(
    "busy",
    `another run works on ${stackName(workspace)}: ${holder}, since ${since.toISOString()}`,
    "wait until it ends; it was left alone and nothing was changed",
  );
}

type Settled = Pick<Recovery, "importedUrns" | "clearedUrns" | "refreshedUrns">;

async function settlePending(
  workspace: StackWorkspace,
  interruptedRuns: readonly RunRecord[],
): Promise<Settled> {
  const state = await exportState(workspace, { withSecrets: true });
  if (state === undefined) {
    await createStack(workspace);
  }
  if (state === undefined || state.pendingOperations.length === 0) {
    return { importedUrns: [], clearedUrns: [], refreshedUrns: [] };
  }
  const read = createObjectReader(state, workspace.environment);
  const creates = pendingCreates(state);
  const decisions: PendingDecision[] = [];
  for (const operation of creates) {
    const reference = toObjectReference(operation.resource);
    const live =
      reference === undefined ? undefined : toLiveObject(await read(operation.resource, reference));
    decisions.push(decidePending(operation, live, interruptedRuns));
  }
  assertNoneBlocked(workspace, decisions);
  await refreshAfter(workspace, decisions);
  const isCreate = new Set(creates.map(({ resource }) => resource.urn));
  return {
    importedUrns: decisions.filter(({ kind }) => kind === "import").map(({ urn }) => urn),
    clearedUrns: decisions.filter(({ kind }) => kind === "clear").map(({ urn }) => urn),
    refreshedUrns: state.pendingOperations
      .map(({ resource }) => resource.urn)
      .filter((urn) => !isCreate.has(urn)),
  };
}

function assertNoneBlocked(workspace: StackWorkspace, decisions: readonly PendingDecision[]): void {
  for (const decision of decisions) {
    if (decision.kind === "blocked") {
      throw new OperationProblem(
        "failed",
        `${stackName(workspace)}: ${decision.because}`,
        decision.advice,
      );
    }
  }
}

/** Writes what was decided into the state, and has the engine look at every object of the stack. */
async function refreshAfter(
  workspace: StackWorkspace,
  decisions: readonly PendingDecision[],
): Promise<void> {
  // Exported anew, with secrets as they are kept: nothing in plain text is written anywhere.
  const exported = await runCommand(workspace, ["stack", "export"]);
  if (!exported.isOk) {
    throw cannotOpen(workspace, exported.stderr);
  }
  const file = join(workspace.settingsDirectory, `${workspace.stack}.settled.json`);
  writeFileAtomically(file, settleState(exported.stdout, decisions));
  const imported = await runCommand(workspace, ["stack", "import", "--file", file]);
  rmSync(file, { force: true });
  if (!imported.isOk) {
    throw cannotOpen(workspace, imported.stderr);
  }
  const { isOk, errors } = await runEngine(workspace, { command: "refresh" });
  if (!isOk) {
    throw new OperationProblem(
      "failed",
      `${stackName(workspace)}: the state could not be compared with what is there: ${errors.join("; ")}`,
      "put right what the message names and run again; recovery begins where it stopped",
    );
  }
}
