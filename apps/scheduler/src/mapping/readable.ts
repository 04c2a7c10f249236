import { formatMilliseconds, milliseconds } from "@ertis/quantities";
import { instantMsMax } from "../limits/limits.ts";

/** For people: `19:58 UTC` on the day of `nowMs`, else `2026-11-26 03:10 UTC`. The seconds are dropped. */
export function readableMoment(atMs: number, nowMs: number): string {
  const at = new Date(atMs).toISOString();
  const [date = "", time = ""] = at.split("T");
  const isToday = date === new Date(nowMs).toISOString().split("T")[0];
  return `${isToday ? "" : `${date} `}${time.slice(0, 5)} UTC`;
}

/** For people, on whatever day: `2026-11-26 03:10:05 UTC`; what no instant can be stays the number it is. */
export function readableInstant(atMs: number): string {
  return atMs >= 0 && atMs <= instantMsMax
    ? `${new Date(atMs).toISOString().slice(0, 19).replace("T", " ")} UTC`
    : `${atMs} ms`;
}

/** For people: `2 h 30 min`; what no length can be stays the number it is. */
export function readableLength(lengthMs: number): string {
  return Number.isSafeInteger(lengthMs) && lengthMs >= 0
    ? formatMilliseconds(milliseconds(lengthMs))
    : `${lengthMs} ms`;
}
