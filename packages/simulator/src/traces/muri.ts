import { durationMsMax, gpuCountMax, wholeWithin } from "./read-number.ts";
import type { ReadRow } from "./trace-job.ts";

export const muriHeader =
  "job_id,num_gpu,submit_time,iterations,model_name,batch_size,duration,interval,iteration_time,resource_time_0,resource_time_1,resource_time_2,priority";

/** Where the first job of a trace that counts from zero begins: any fixed moment will do. */
export const traceEpochMs: number = Date.UTC(2026, 0, 1);

/** A row in Muri's columns; times are milliseconds from the start. The model's name is the class. */
export function readMuriRow(content: string, line: number): ReadRow {
  const cells = content.split(",");
  const columnCount = muriHeader.split(",").length;
  if (cells.length !== columnCount) {
    return {
      line,
      message: `found ${cells.length} columns, expected ${columnCount}: ${muriHeader}`,
    };
  }
  const [, gpus = "", submit = "", , model = "", , duration = ""] = cells;
  const gpuCount = wholeWithin("num_gpu", gpus, { min: 1, max: gpuCountMax });
  if (typeof gpuCount === "string") {
    return { line, message: gpuCount };
  }
  const offsetMs = wholeWithin("submit_time", submit, { min: 0, max: durationMsMax });
  if (typeof offsetMs === "string") {
    return { line, message: `${offsetMs} ms` };
  }
  const durationMs = wholeWithin("duration", duration, { min: 0, max: durationMsMax });
  if (typeof durationMs === "string") {
    return { line, message: `${durationMs} ms` };
  }
  if (!/^[\w.-]{1,63}$/.test(model)) {
    return { line, message: `model_name is "${model}", expected letters, digits, dots, dashes` };
  }
  const name = `${model}-${cells[0] ?? ""}`;
  return {
    line,
    submittedAtMs: traceEpochMs + offsetMs,
    durationMs,
    gpuCount,
    owner: "muri",
    said: { name: /^[\w.-]{1,63}$/.test(name) ? name : model },
  };
}
