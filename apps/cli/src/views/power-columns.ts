import type { PowerDomain } from "@ertis/api";
import { showCount, showWatts } from "../output/format.ts";

/** The ceiling that binds at a domain: budget or usable limit, the lower. */
export function toCeilingWatts(domain: PowerDomain): number {
  return Math.min(domain.usableWatts, domain.budgetWatts ?? domain.usableWatts);
}

const mostPercent = 999;

function showPercent(domain: PowerDomain): string {
  const ceilingWatts = toCeilingWatts(domain);
  // Rounded up, as uses are: 100 % means full.
  const percent = Math.ceil((domain.boundWatts / ceilingWatts) * 100);
  // Under a budget far below what runs the figure would say nothing more, in a column of many digits.
  return ceilingWatts === 0 ? "-" : percent > mostPercent ? `>${mostPercent}%` : `${percent}%`;
}

/** One column of numbers; the lowest `dropOrder` is left out first when the terminal is narrow. */
export interface NumberColumn {
  readonly title: string;
  readonly dropOrder: number;
  readonly cell: (domain: PowerDomain, freeWatts: number) => string;
}

/** `AT MOST` is the bound, the most that may be drawn; `DRAW` what was measured last. */
export const powerColumns: Readonly<
  Record<"plain" | "budget" | "wide" | "draw", readonly NumberColumn[]>
> = (() => {
  const atMost: NumberColumn = {
    title: "AT MOST",
    dropOrder: 9,
    cell: ({ boundWatts }) => showWatts(boundWatts),
  };
  const budget: NumberColumn = {
    title: "BUDGET",
    dropOrder: 6,
    cell: ({ budgetWatts }) => (budgetWatts === undefined ? "-" : showWatts(budgetWatts)),
  };
  const rest: readonly NumberColumn[] = [
    { title: "LIMIT", dropOrder: 7, cell: ({ usableWatts }) => showWatts(usableWatts) },
    { title: "FULL", dropOrder: 3, cell: showPercent },
    { title: "FREE", dropOrder: 5, cell: (_domain, freeWatts) => showWatts(freeWatts) },
    {
      title: "GPUS",
      dropOrder: 4,
      cell: ({ gpuUsedCount, gpuCount }) => `${showCount(gpuUsedCount)}/${showCount(gpuCount)}`,
    },
  ];
  const wide: readonly NumberColumn[] = [
    { title: "FIXED", dropOrder: 1, cell: ({ fixedWatts }) => showWatts(fixedWatts) },
    {
      title: "NODES",
      dropOrder: 2,
      cell: ({ nodeUsedCount, nodeCount }) => `${showCount(nodeUsedCount)}/${showCount(nodeCount)}`,
    },
  ];
  const draw: NumberColumn = {
    title: "DRAW",
    dropOrder: 8,
    cell: ({ drawWatts }) => (drawWatts === undefined ? "-" : showWatts(drawWatts)),
  };
  return {
    draw: [draw],
    plain: [atMost, ...rest],
    budget: [atMost, budget, ...rest],
    wide: [atMost, budget, ...rest, ...wide],
  };
})();
