import { muriHeader, readMuriRow } from "./muri.ts";
import { ownFields, ownRequired, readOwnFields } from "./own-fields.ts";
import { phillyHeader, readPhillyRow } from "./philly.ts";
import type { ReadRow, ReadTrace, TraceForm, TraceJob, TraceProblem } from "./trace-job.ts";

const problemsMax = 20;

interface Form {
  readonly form: TraceForm;
  readonly readRow: (content: string, line: number) => ReadRow;
  /** Does the first line hold a job already? */
  readonly hasNoHeader?: true;
}

/**
 * Reads a trace in Philly's or Muri's columns, or in the own format (CSV with a header, or JSON
 * lines), told apart by the first line. Jobs come in order of time, those of one moment in the order
 * of the file. Blank lines and lines that begin with `#` are skipped. Broken rows refuse the trace.
 */
export function readTrace(text: string): ReadTrace {
  const jobs: TraceJob[] = [];
  const problems: TraceProblem[] = [];
  let form: Form | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const content = raw.trim();
    if (content === "" || content.startsWith("#")) {
      continue;
    }
    const line = index + 1;
    if (form === undefined) {
      const found = formOf(content);
      if (typeof found === "string") {
        return { kind: "problems", problems: [{ line, message: found }] };
      }
      form = found;
      if (form.hasNoHeader !== true) {
        continue;
      }
    }
    const row = form.readRow(content, line);
    if ("message" in row) {
      problems.push(row);
      if (problems.length === problemsMax) {
        break;
      }
    } else {
      jobs.push(row);
    }
  }
  if (problems.length > 0) {
    return { kind: "problems", problems };
  }
  if (form === undefined || jobs.length === 0) {
    return { kind: "problems", problems: [{ line: 1, message: "the trace holds no job" }] };
  }
  return {
    kind: "trace",
    form: form.form,
    jobs: jobs.toSorted((a, b) => a.submittedAtMs - b.submittedAtMs),
  };
}

function formOf(first: string): Form | string {
  if (first === phillyHeader) {
    return { form: "philly", readRow: readPhillyRow };
  }
  if (first === muriHeader) {
    return { form: "muri", readRow: readMuriRow };
  }
  if (first.startsWith("{")) {
    return { form: "ertis-jsonl", readRow: readJsonRow, hasNoHeader: true };
  }
  const names = first.split(",").map((name) => name.trim());
  const missing = ownRequired.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    return `found "${first.slice(0, 80)}": expected the header of Philly (${phillyHeader}), of Muri (job_id,num_gpu,…), JSON lines, or a header with at least ${ownRequired.join(", ")}`;
  }
  const unknown = names.find((name) => !ownFields.includes(name));
  if (unknown !== undefined) {
    return `unknown column "${unknown}", known are ${ownFields.join(", ")}`;
  }
  if (new Set(names).size !== names.length) {
    return "a column stands twice in the header";
  }
  return {
    form: "ertis-csv",
    readRow: (content, line) => {
      const cells = content.split(",");
      return cells.length === names.length
        ? readOwnFields(new Map(names.map((name, at) => [name, cells[at]?.trim() ?? ""])), line)
        : { line, message: `found ${cells.length} columns, expected ${names.length}` };
    },
  };
}

function readJsonRow(content: string, line: number): ReadRow {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return { line, message: "not readable as JSON: one object with the fields of a job a line" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { line, message: "found no object: one object with the fields of a job a line" };
  }
  const texts = new Map<string, string>();
  for (const [name, one] of Object.entries(value)) {
    if (typeof one === "string" || typeof one === "number" || typeof one === "boolean") {
      texts.set(name, String(one));
    } else {
      return { line, message: `${name} is neither a text nor a number` };
    }
  }
  return readOwnFields(texts, line);
}
