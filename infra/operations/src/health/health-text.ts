import { renderTable } from "../output/table.ts";
import type { AddonHealth } from "./addon-health.ts";

export interface StackHealth extends AddonHealth {
  readonly stack: string;
}

/**
 * A small table a stack. Workloads have long names, which only matter where one has to be looked at: they
 * stand beneath the table there, and all of them in the JSON.
 */
export function healthText(rows: readonly StackHealth[]): string {
  return [...Map.groupBy(rows, ({ stack }) => stack)]
    .map(([stack, addons]) => {
      const table = renderTable(
        [{ title: "ADD-ON" }, { title: "RESULT" }, { title: "SEEN" }],
        addons.map(({ addon, result, seen }) => [addon, result, seen]),
      );
      const bad = addons
        .filter(({ result }) => result === "unhealthy")
        .map(({ addon, workload }) => `→ ${addon}: look at ${workload}\n`);
      return [`${stack}\n`, table, ...bad].join("");
    })
    .join("\n");
}
