/** One job of a trace. */
export interface TraceJob {
  /** Line of the file, from 1. */
  readonly line: number;
  /** Milliseconds since the Unix epoch. */
  readonly submittedAtMs: number;
  /** How long it ran. */
  readonly durationMs: number;
  readonly gpuCount: number;
  /** The virtual cluster (tenant) it belonged to. */
  readonly virtualCluster: string;
}

/** A row that cannot be read. */
export interface TraceProblem {
  readonly line: number;
  readonly message: string;
}

export type ParsedTrace =
  | { readonly kind: "trace"; readonly jobs: readonly TraceJob[] }
  | { readonly kind: "problems"; readonly problems: readonly TraceProblem[] };

const header = "timestamp,duration,num_gpus,gpu_time,cluster";
const problemsMax = 20;
/** Ten years: what the simulated cluster takes for a mistake. */
const durationSecondsMax = 10 * 366 * 86_400;
/** More than any gang of the contract. */
const gpuCountMax = 100_000;

/**
 * Reads a trace in Philly's columns and puts it in order of time; jobs of one second keep the order of
 * the file. Times have no zone in the file and are taken as UTC. Lines that begin with `#` and blank
 * lines are skipped.
 */
export function parseTrace(text: string): ParsedTrace {
  const jobs: TraceJob[] = [];
  const problems: TraceProblem[] = [];
  let isHeaderSeen = false;
  for (const [index, raw] of text.split("\n").entries()) {
    const content = raw.trim();
    if (content === "" || content.startsWith("#")) {
      continue;
    }
    const line = index + 1;
    if (!isHeaderSeen) {
      isHeaderSeen = true;
      if (content !== header) {
        return {
          kind: "problems",
          problems: [{ line, message: `found "${content.slice(0, 80)}", expected "${header}"` }],
        };
      }
      continue;
    }
    const row = parseRow(content, line);
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
  if (jobs.length === 0) {
    return { kind: "problems", problems: [{ line: 1, message: "the trace holds no job" }] };
  }
  return { kind: "trace", jobs: jobs.toSorted((a, b) => a.submittedAtMs - b.submittedAtMs) };
}

function parseRow(content: string, line: number): TraceJob | TraceProblem {
  const cells = content.split(",");
  const [timestamp = "", duration = "", gpus = "", , virtualCluster = ""] = cells;
  if (cells.length !== 5) {
    return { line, message: `found ${cells.length} columns, 5 are expected: ${header}` };
  }
  const submittedAtMs = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(timestamp)
    ? Date.parse(`${timestamp.replace(" ", "T")}Z`)
    : Number.NaN;
  if (Number.isNaN(submittedAtMs)) {
    return { line, message: `timestamp is "${timestamp}", expected YYYY-MM-DD hh:mm:ss` };
  }
  const seconds = /^\d+(\.\d+)?$/.test(duration) ? Number(duration) : Number.NaN;
  if (!(seconds >= 0 && seconds <= durationSecondsMax)) {
    return { line, message: `duration is "${duration}", expected 0 to ${durationSecondsMax} s` };
  }
  const gpuCount = /^\d+$/.test(gpus) ? Number(gpus) : Number.NaN;
  if (!(gpuCount >= 1 && gpuCount <= gpuCountMax)) {
    return { line, message: `num_gpus is "${gpus}", expected 1 to ${gpuCountMax}` };
  }
  if (!/^[\w.-]{1,63}$/.test(virtualCluster)) {
    return {
      line,
      message: `cluster is "${virtualCluster}", expected letters, digits, dots, dashes`,
    };
  }
  return { line, submittedAtMs, durationMs: Math.round(seconds * 1_000), gpuCount, virtualCluster };
}
