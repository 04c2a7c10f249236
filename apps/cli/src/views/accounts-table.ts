import { AccountUsage } from "@ertis/api";
import { showCount, showWatts } from "../output/format.ts";
import type { Listing } from "../output/print.ts";
import type { Cell } from "../output/table.ts";
import { showPermille } from "./curtailment-words.ts";

function showAmount(gpuCount: number | undefined, powerWatts: number | undefined): string {
  const parts = [
    ...(gpuCount === undefined ? [] : [`${showCount(gpuCount)} GPUs`]),
    ...(powerWatts === undefined ? [] : [showWatts(powerWatts)]),
  ];
  return parts.length === 0 ? "any" : parts.join(", ");
}

function depthOf(id: string): number {
  return id.split("/").length - 1;
}

function toBorrowedCell({
  account,
  gpuUsedCount,
  powerReservedWatts,
}: AccountUsage): Cell | string {
  const quota = account?.quota;
  if (quota === undefined) {
    return "-";
  }
  const gpuCount = Math.max(0, gpuUsedCount - quota.guaranteedGpuCount);
  const powerWatts = Math.max(0, powerReservedWatts - quota.guaranteedWatts);
  if (gpuCount + powerWatts === 0) {
    return "none";
  }
  const isOver =
    gpuCount > (quota.borrowableGpuCount ?? Infinity) ||
    powerWatts > (quota.borrowableWatts ?? Infinity);
  const text = showAmount(gpuCount || undefined, powerWatts || undefined);
  return { text, ...(isOver ? { tone: "warn" as const } : {}) };
}

/** Accounts as a tree: children stand below their parent, moved in. */
export function createAccountListing(): Listing<AccountUsage> {
  return {
    columns: [
      {
        title: "ACCOUNT",
        cell: ({ account }) => {
          const id = account?.id ?? "";
          return `${"  ".repeat(depthOf(id))}${id.slice(id.lastIndexOf("/") + 1)}`;
        },
      },
      {
        title: "WEIGHT",
        align: "right",
        dropOrder: 2,
        cell: ({ account }) => `${account?.weight ?? 1}`,
      },
      { title: "SHARE", align: "right", cell: ({ sharePermille }) => showPermille(sharePermille) },
      {
        title: "USED",
        align: "right",
        cell: ({ usagePermille, sharePermille }) => ({
          text: showPermille(usagePermille),
          ...(usagePermille > sharePermille ? { tone: "warn" as const } : {}),
        }),
      },
      { title: "GPUS", align: "right", cell: ({ gpuUsedCount }) => showCount(gpuUsedCount) },
      {
        title: "RESERVED",
        align: "right",
        dropOrder: 5,
        cell: ({ powerReservedWatts }) => showWatts(powerReservedWatts),
      },
      {
        title: "GUARANTEED",
        dropOrder: 3,
        cell: ({ account }) =>
          account?.quota === undefined
            ? "-"
            : showAmount(account.quota.guaranteedGpuCount, account.quota.guaranteedWatts),
      },
      {
        title: "BORROWED",
        dropOrder: 4,
        cell: toBorrowedCell,
      },
      {
        title: "MAY BORROW",
        dropOrder: 1,
        cell: ({ account }) =>
          account?.quota === undefined
            ? "-"
            : showAmount(account.quota.borrowableGpuCount, account.quota.borrowableWatts),
      },
      { title: "TURN", align: "right", cell: ({ rank }) => (rank === 0 ? "-" : `${rank}`) },
      { title: "BECAUSE IT", dropOrder: 6, cell: ({ standing }) => standing },
    ],
    toJson: (usage) => AccountUsage.toJSON(usage),
    toName: ({ account }) => account?.id ?? "",
  };
}
