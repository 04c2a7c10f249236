import { openRuns, runVariable } from "../engine/run-record.ts";
import type { RunRecord } from "../engine/run-record.ts";
import { endProcess } from "../processes/end-process.ts";
import { processTable } from "../processes/process-table.ts";
import type { RunningProcess } from "../processes/process-table.ts";
import { stackKey } from "../state/stack-workspace.ts";
import type { StackWorkspace } from "../state/stack-workspace.ts";

/** What is left of earlier runs of a stack. */
export interface Leftovers {
  /** An engine that still works on the stack. */
  readonly livingEngine: RunningProcess | undefined;
  /** Language hosts, programs and plugins whose engine is gone. */
  readonly orphans: readonly RunningProcess[];
  /** Runs that did not end by themselves. */
  readonly interruptedRuns: readonly RunRecord[];
}

/** The engine's program; its helpers have longer names. */
const engineProgram = "pulumi";

/** Looks through the process table for processes that carry the mark of this stack. */
export function findLeftovers(workspace: StackWorkspace): Leftovers {
  const prefix = `${stackKey(workspace)}@`;
  const marked = processTable
    .list()
    .map((each) => ({ each, mark: processTable.environment(each.pid).get(runVariable) ?? "" }))
    .filter(({ mark }) => mark.startsWith(prefix));
  const engines = marked.filter(({ each }) => each.program === engineProgram);
  const livingMarks = new Set(engines.map(({ mark }) => mark));
  const livingRunIds = new Set([...livingMarks].map((mark) => mark.slice(prefix.length)));
  return {
    livingEngine: engines[0]?.each,
    orphans: marked.filter(({ mark }) => !livingMarks.has(mark)).map(({ each }) => each),
    interruptedRuns: openRuns(workspace).filter(({ runId }) => !livingRunIds.has(runId)),
  };
}

/** Ends the orphans one by one. Returns those that would not go. */
export async function endOrphans(
  orphans: readonly RunningProcess[],
): Promise<readonly RunningProcess[]> {
  const ended = await Promise.all(
    orphans.map(async (orphan) => ((await endProcess(orphan)) ? [] : [orphan])),
  );
  return ended.flat();
}
