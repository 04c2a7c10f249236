import { showTime } from "./format.ts";

/** `UTC`, `UTC+5`, `UTC-3:30`: this machine's time zone at a moment, as it stands beside times. */
export function showZone(timeMs: number): string {
  const minutes = -new Date(timeMs).getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const more = rest === 0 ? "" : `:${String(rest).padStart(2, "0")}`;
  return minutes === 0 ? "UTC" : `UTC${minutes < 0 ? "-" : "+"}${hours}${more}`;
}

/** As the scheduler writes moments for people: `19:58 UTC`, of another day `2026-11-26 03:10 UTC`. */
const moments = /(?:(\d{4}-\d\d-\d\d) )?\b(\d\d:\d\d) UTC\b(?![+-]\d)/g;

/** A sentence of the scheduler with its moments in this machine's time zone, like all others of the same answer. */
export function toLocalMoments(sentence: string, saidAtMs: number): string {
  const today = showTime(saidAtMs).slice(0, 10);
  return sentence.replaceAll(moments, (said: string, date: string | undefined, time: string) => {
    const day = date ?? new Date(saidAtMs).toISOString().slice(0, 10);
    const atMs = Date.parse(`${day}T${time}:00Z`);
    if (!Number.isFinite(atMs)) {
      return said;
    }
    const [localDay = "", localTime = ""] = showTime(atMs).split(" ");
    return `${localDay === today ? "" : `${localDay} `}${localTime.slice(0, 5)} ${showZone(atMs)}`;
  });
}
