import { durationMsMax, gpuCountMax, scaledWithin, wholeWithin } from "./read-number.ts";
import type { ReadRow } from "./trace-job.ts";

export const phillyHeader = "timestamp,duration,num_gpus,gpu_time,cluster";

/** A row in Philly's columns: UTC time, seconds, GPUs, GPU-seconds, virtual cluster. */
export function readPhillyRow(content: string, line: number): ReadRow {
  const cells = content.split(",");
  const [timestamp = "", duration = "", gpus = "", , cluster = ""] = cells;
  if (cells.length !== 5) {
    return { line, message: `found ${cells.length} columns, expected 5: ${phillyHeader}` };
  }
  const submittedAtMs = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(timestamp)
    ? Date.parse(`${timestamp.replace(" ", "T")}Z`)
    : Number.NaN;
  if (Number.isNaN(submittedAtMs)) {
    return { line, message: `timestamp is "${timestamp}", expected YYYY-MM-DD hh:mm:ss` };
  }
  const durationMs = scaledWithin("duration", duration, {
    min: 0,
    max: durationMsMax / 1_000,
    scale: 1_000,
  });
  if (typeof durationMs === "string") {
    return { line, message: `${durationMs} s` };
  }
  const gpuCount = wholeWithin("num_gpus", gpus, { min: 1, max: gpuCountMax });
  if (typeof gpuCount === "string") {
    return { line, message: gpuCount };
  }
  if (!/^[\w.-]{1,63}$/.test(cluster)) {
    return { line, message: `cluster is "${cluster}", expected letters, digits, dots, dashes` };
  }
  return { line, submittedAtMs, durationMs, gpuCount, owner: cluster, said: {} };
}
