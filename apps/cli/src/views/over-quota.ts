import type { AccountOverQuota } from "@ertis/api";
import { showCount, showWatts } from "../output/format.ts";
import { paint, type Style } from "../terminal/style.ts";
import { toPrintable } from "../terminal/text.ts";

function showAmount(gpuCount: number | undefined, powerWatts: number | undefined): string {
  const gpus = gpuCount === undefined ? [] : [`${showCount(gpuCount)} GPUs`];
  const power = powerWatts === undefined ? [] : [showWatts(powerWatts)];
  return [...gpus, ...power].join(" and ");
}

function showJobs(count: number): string {
  return `${showCount(count)} ${count === 1 ? "job waits" : "jobs wait"}`;
}

/** What a smaller quota does to an account: nobody is stopped, and who waits should not learn it by waiting. */
export function renderOverQuota(over: AccountOverQuota, style: Style): readonly string[] {
  const { gpuUsedCount, gpuMaxCount, powerReservedWatts, powerMaxWatts } = over;
  const { accountId, waitingJobCount, neverJobCount } = over;
  const held = showAmount(
    gpuMaxCount === undefined ? undefined : gpuUsedCount,
    powerMaxWatts === undefined ? undefined : powerReservedWatts,
  );
  const isOver =
    gpuUsedCount > (gpuMaxCount ?? Infinity) || powerReservedWatts > (powerMaxWatts ?? Infinity);
  const more = isOver
    ? ": what runs goes on, nothing more starts until enough of it has ended"
    : "";
  const many =
    neverJobCount === waitingJobCount
      ? ", for good"
      : `, ${showCount(neverJobCount)} of them for good`;
  const never = neverJobCount === 0 ? "" : `${many}: more is needed than it may ever hold`;
  const title = `${style.isUnicode ? "▲ " : ""}${toPrintable(accountId)} holds ${held} and may hold ${showAmount(gpuMaxCount, powerMaxWatts)}${more}`;
  return [
    paint(style, "warn", title),
    ...(waitingJobCount === 0
      ? []
      : [`  ${showJobs(waitingJobCount)} for it${never}; "ertis why ID" says so of each`]),
  ];
}
