import { FloorJob, type SetBudgetResponse } from "@ertis/api";
import { showCount, showWatts } from "../output/format.ts";
import { type Column, renderTable } from "../output/table.ts";
import { paint, type Style } from "../terminal/style.ts";

const mostJobs = 20;
const stopsNone = "it stops no job and lowers none below its floor";

const columns: readonly Column<FloorJob>[] = [
  { title: "JOB", cell: ({ jobId }) => jobId },
  { title: "NAME", cell: ({ name }) => name, shrinkTo: 8, dropOrder: 2 },
  { title: "OWNER", cell: ({ owner }) => owner, shrinkTo: 6, dropOrder: 1 },
  { title: "TIER", align: "right", cell: (job) => `${job.flexibilityTierPercent} %` },
  { title: "FLOOR", align: "right", cell: ({ floorWatts }) => showWatts(floorWatts) },
  {
    title: "",
    cell: ({ isTierAtRisk }) =>
      isTierAtRisk ? { text: "pauses: may lose more than its tier allows", tone: "warn" } : "",
    shrinkTo: 12,
  },
];

type Floors = Pick<SetBudgetResponse, "budget" | "smallestWatts" | "floorJobs">;

/** Whose floors a budget does not hold, those that take most first; empty: it holds them all. */
export function renderBudgetFloors(
  { budget, smallestWatts, floorJobs }: Floors,
  view: { readonly style: Style; readonly hasHeaders: boolean },
): readonly string[] {
  if (smallestWatts === 0) {
    return [];
  }
  const { style, hasHeaders } = view;
  const shown = floorJobs.slice(0, mostJobs);
  const hidden = floorJobs.length - shown.length;
  const more = showWatts(smallestWatts - (budget?.limitWatts ?? 0));
  const smallest = `the smallest that holds when it begins is ${showWatts(smallestWatts)}`;
  const why = shown.length === 0 ? "idle nodes and fixed loads take more" : stopsNone;
  const until = shown.length === 0 ? "nodes are switched off" : "jobs end";
  return [
    "",
    paint(style, "warn", `${why}: ${smallest}, and it stays exceeded by ${more} until ${until}`),
    ...(shown.length === 0
      ? []
      : ["", ...renderTable(shown, columns, style, { hasHeaders, isWide: false })]),
    ...(hidden > 0 ? [`and ${showCount(hidden)} more (-o json shows them)`] : []),
  ];
}

/** The same in JSON, where there is any. */
export function floorsToJson({ smallestWatts, floorJobs }: Floors): object {
  return smallestWatts === 0
    ? {}
    : { smallestWatts, floorJobs: floorJobs.map((one) => FloorJob.toJSON(one)) };
}
