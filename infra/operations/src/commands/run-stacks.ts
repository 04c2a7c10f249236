import type { EngineResult } from "../engine/run-engine.ts";
import type { RunSummary } from "../engine/run-summary.ts";
import type { Output } from "../output/output.ts";
import { toSeconds } from "../output/table.ts";
import { OperationProblem } from "../problem.ts";
import type { StackEntry } from "../stacks/stack-list.ts";
import { StackQueue } from "../stacks/stack-order.ts";
import type { WaitsFor } from "../stacks/stack-order.ts";
import { createStatus, nameWidth } from "./stack-status.ts";
import type { StackStatus } from "./stack-status.ts";

/** What became of one stack. */
export type StackOutcome =
  | { readonly kind: "done"; readonly entry: StackEntry; readonly result: EngineResult }
  | { readonly kind: "refused"; readonly entry: StackEntry; readonly problem: OperationProblem }
  /** One before it failed, and it builds on that. */
  | { readonly kind: "not begun"; readonly entry: StackEntry };

export interface StackRuns {
  readonly entries: readonly StackEntry[];
  readonly waitsFor: WaitsFor;
  readonly output: Output;
  readonly tense: keyof typeof words;
  /** How many at once. */
  readonly laneCount: number;
  /** Whether the rest waits for nothing once one has failed. */
  readonly stopsAtFailure: boolean;
  /** A stack that runs longer says each time what it waits for; 30 by default. */
  readonly tellEverySeconds?: number;
  readonly run: (
    entry: StackEntry,
    onProgress: (summary: RunSummary) => void,
  ) => Promise<EngineResult>;
}

/** Runs stacks in order, with one line each when it has ended and one that moves meanwhile. */
export async function runStacks(runs: StackRuns): Promise<readonly StackOutcome[]> {
  const { entries, output, laneCount, tellEverySeconds = 30 } = runs;
  const queue = new StackQueue(entries, runs.waitsFor);
  const outcomes = new Map<StackEntry, StackOutcome>();
  const status = createStatus({ stackCount: entries.length, output, tellEverySeconds });
  const hasFailed = (): boolean => [...outcomes.values()].some((outcome) => !isGood(outcome));
  const lane = async (): Promise<void> => {
    for (let entry = await queue.take(); entry !== undefined; entry = await queue.take()) {
      if (runs.stopsAtFailure && hasFailed()) {
        outcomes.set(entry, { kind: "not begun", entry });
      } else {
        const outcome = await runOne(entry, runs, status);
        outcomes.set(entry, outcome);
        status.remove(entry);
        sayOutcome(outcome, runs);
      }
      queue.end(entry);
    }
  };
  try {
    await Promise.all(Array.from({ length: laneCount }, lane));
  } finally {
    status.end();
  }
  return entries.flatMap((entry) => outcomes.get(entry) ?? []);
}

export function isGood(outcome: StackOutcome): boolean {
  return outcome.kind === "done" && outcome.result.isOk;
}

async function runOne(
  entry: StackEntry,
  { run }: StackRuns,
  status: StackStatus,
): Promise<StackOutcome> {
  try {
    status.begin(entry);
    const result = await run(entry, (summary) => status.update(entry, summary));
    return { kind: "done", entry, result };
  } catch (error) {
    if (error instanceof OperationProblem) {
      return { kind: "refused", entry, problem: error };
    }
    throw error;
  }
}

/** One calm line; what went wrong stands once beneath it. */
function sayOutcome(outcome: StackOutcome, { output, tense }: StackRuns): void {
  const name = outcome.entry.name.padEnd(nameWidth);
  switch (outcome.kind) {
    case "refused":
      output.say(`FAILED  ${name}`);
      output.say(indent(outcome.problem.message));
      output.say(indent(`→ ${outcome.problem.advice}`));
      return;
    case "done": {
      const { result } = outcome;
      const mark = result.isOk ? "ok" : isStopped(result) ? "STOPPED" : "FAILED";
      output.say(
        `${mark.padEnd(8)}${name}${toSeconds(result.tookSeconds).padStart(9)}  ${describeCounts(result, tense)}`,
      );
      for (const { policy, message, isMandatory } of result.violations) {
        output.say(indent(`${isMandatory ? "policy" : "advice"} ${policy}: ${message}`));
      }
      const errors = isStopped(result)
        ? result.errors.filter((error) => !isEcho(error))
        : result.errors;
      if (!result.isOk) {
        errors.forEach((error) => output.say(indent(error)));
      }
      return;
    }
    case "not begun":
  }
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `        ${line}`)
    .join("\n");
}

/** Stopped by a rule of the policy pack, rather than failed. */
export function isStopped(result: EngineResult): boolean {
  return !result.isOk && result.violations.some(({ isMandatory }) => isMandatory);
}

/** What the engine says after violations, which have been told already. */
function isEcho(error: string): boolean {
  return /^(preview|update) failed$|polic(y|ies)|^the engine ended with /i.test(error);
}

/** Words for what a run would do, or has done. */
const words = {
  planned: ["to create", "to change", "to replace", "to delete"],
  done: ["created", "changed", "replaced", "deleted"],
} as const;

function describeCounts({ counts }: EngineResult, tense: keyof typeof words): string {
  const { createCount, updateCount, replaceCount, deleteCount } = counts;
  const changes = [createCount, updateCount, replaceCount, deleteCount].flatMap((count, index) =>
    count > 0 ? [`${count} ${words[tense][index] ?? ""}`] : [],
  );
  return [...changes, `${counts.sameCount} unchanged`].join(", ");
}
