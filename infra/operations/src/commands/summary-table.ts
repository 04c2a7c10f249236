import { countOf } from "../output/count-of.ts";
import type { Output } from "../output/output.ts";
import { renderTable, toSeconds } from "../output/table.ts";
import type { StackOutcome } from "./run-stacks.ts";
import { isStopped } from "./run-stacks.ts";

/** The table at the end: every stack, what it changes and how long it took. */
export function printSummary(
  outcomes: readonly StackOutcome[],
  tookSeconds: number,
  output: Output,
): void {
  const rows = outcomes.map((outcome) => {
    if (outcome.kind !== "done") {
      const state = outcome.kind === "refused" ? "failed" : "not begun";
      return [outcome.entry.name, state, "", "", "", "", "", ""];
    }
    const { result, entry } = outcome;
    const { counts } = result;
    const state = result.isOk ? "ok" : isStopped(result) ? "stopped" : "failed";
    return [
      entry.name,
      state,
      ...[
        counts.createCount,
        counts.updateCount,
        counts.replaceCount,
        counts.deleteCount,
        counts.sameCount,
      ].map(String),
      toSeconds(result.tookSeconds),
    ];
  });
  const right = { align: "right" } as const;
  output.print(
    renderTable(
      [
        { title: "STACK" },
        { title: "RESULT" },
        { title: "CREATE", ...right },
        { title: "CHANGE", ...right },
        { title: "REPLACE", ...right },
        { title: "DELETE", ...right },
        { title: "SAME", ...right },
        { title: "TIME", ...right },
      ],
      rows,
    ),
  );
  output.print(`${countOf(outcomes.length, "stack")} in ${toSeconds(tookSeconds)}\n`);
}
