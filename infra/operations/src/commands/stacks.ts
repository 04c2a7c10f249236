import { countOf } from "../output/count-of.ts";
import type { Output } from "../output/output.ts";
import { renderTable } from "../output/table.ts";
import { expectedResources } from "../stacks/expected-resources.ts";
import { listStacks } from "../stacks/stack-list.ts";
import type { StackEntry } from "../stacks/stack-list.ts";
import { readPlans } from "../stacks/read-plans.ts";

export interface StacksOptions {
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Lists the stacks in order. */
export function showStacks(options: StacksOptions, output: Output): void {
  const plans = readPlans(undefined);
  const every = listStacks(plans);
  const shown = options.all === true ? every : every.filter(({ isBuilt }) => isBuilt);
  const rows = shown.map((entry) => ({
    ...describe(entry),
    resourceCount: expectedResources(entry, plans),
  }));
  if (options.json === true) {
    output.print(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  output.print(
    renderTable(
      [
        { title: "STACK" },
        { title: "SITE" },
        { title: "HALL" },
        { title: "PHASE" },
        { title: "BUILT" },
        { title: "HOSTS", align: "right" },
        { title: "RESOURCES", align: "right" },
      ],
      rows.map((row) => [
        row.name,
        row.site ?? "all",
        row.hall ?? "-",
        row.phase ?? "-",
        row.isBuilt ? "yes" : "no",
        row.hostCount === undefined ? "-" : String(row.hostCount),
        String(row.resourceCount),
      ]),
    ),
  );
  const hiddenCount = every.length - shown.length;
  if (hiddenCount > 0) {
    output.say(`${countOf(hiddenCount, "stack")} of later phases: npm run stacks -- --all`);
  }
}

interface Description {
  readonly name: string;
  readonly project: string;
  readonly stack: string;
  readonly site: string | undefined;
  readonly hall: string | undefined;
  readonly phase: string | undefined;
  readonly isBuilt: boolean;
  readonly hostCount: number | undefined;
}

function describe({ name, project, stack, of, isBuilt }: StackEntry): Description {
  const base = { name, project, stack, isBuilt };
  switch (of.kind) {
    case "all sites":
      return { ...base, site: undefined, hall: undefined, phase: undefined, hostCount: undefined };
    case "registered":
      return {
        ...base,
        site: of.plan.site.id,
        hall: undefined,
        phase: undefined,
        hostCount: undefined,
      };
    case "hall":
      return {
        ...base,
        site: of.plan.site.id,
        hall: of.cluster.hall.id,
        phase: of.cluster.phase,
        hostCount: of.cluster.hosts.length,
      };
  }
}
