import type { OutputFlags } from "../commands/options.ts";
import { UsageError } from "../usage-error.ts";

/**
 * Whether a watch shows a table; else it prints a JSON object for each change.
 *
 * @throws UsageError for an output that has no end to wait for
 */
export function isWatchedAsTable(output: OutputFlags["output"]): boolean {
  const isTable = output === "table" || output === "wide";
  if (!isTable && output !== "jsonl") {
    throw new UsageError(`--watch cannot show ${output}`, "use -o jsonl, wide or table");
  }
  return isTable;
}
