import type { Site } from "@ertis/site-model";
import type { PlantRules } from "../plant/plant-rules.ts";
import {
  defaultDrawRules,
  describeDrawRules,
  drawJobs,
  type DrawRules,
} from "../scenario/draw-jobs.ts";
import { readScenario } from "../scenario/read-scenario.ts";
import { scaleTrace, type TraceScale } from "../scenario/scale-trace.ts";
import { readTrace } from "../traces/read-trace.ts";
import type { TraceJob } from "../traces/trace-job.ts";
import { openSite } from "./open-site.ts";
import type { SimulationInput } from "./simulation-input.ts";

/** A file with its name, as read by the caller. */
export interface TextFile {
  readonly file: string;
  readonly text: string;
}

/** What a person asks for: files as they are, and everything that is chosen. */
export interface SimulationRequest {
  readonly site: TextFile;
  readonly trace: TextFile;
  readonly events: TextFile | undefined;
  readonly seed: number;
  readonly plant: PlantRules;
  readonly scale: TraceScale;
  readonly draw: Partial<DrawRules>;
  readonly measureEveryMs: number;
  readonly horizonMs: number;
  readonly feedBudgetWatts: number | undefined;
}

export type PreparedSimulation =
  | {
      readonly kind: "ready";
      readonly input: SimulationInput;
      /** How the jobs were made, as sentences. */
      readonly rules: readonly string[];
    }
  /** One line a mistake, with file and line. */
  | { readonly kind: "refused"; readonly lines: readonly string[] };

/** Checks every file at the border and settles all jobs. */
export function prepare(request: SimulationRequest): PreparedSimulation {
  const { site: siteFile, trace: traceFile, events: eventsFile, seed } = request;
  const opened = openSite(siteFile.file, siteFile.text);
  if (opened.kind === "errors") {
    return refused(
      opened.errors.map(({ path, message, ...error }) => ({
        ...error,
        message: path === "" ? message : `${path}: ${message}`,
      })),
    );
  }
  const { site } = opened;
  const trace = readTrace(traceFile.text);
  if (trace.kind === "problems") {
    return refused(trace.problems.map((problem) => ({ file: traceFile.file, ...problem })));
  }
  const scenario =
    eventsFile === undefined ? undefined : readScenario(eventsFile.file, eventsFile.text, site);
  if (scenario?.kind === "errors") {
    return refused(scenario.errors);
  }
  const scaled = scaleTrace(trace.jobs, request.scale);
  if (scaled.length === 0) {
    return { kind: "refused", lines: [`${traceFile.file}: ${noneLeft(trace.jobs)}`] };
  }
  const rules = { ...defaultDrawRules, workloadClasses: classesOf(site), ...request.draw };
  const gpusPerNode = Math.max(...site.nodeClasses.map(({ gpuCount }) => gpuCount));
  return {
    kind: "ready",
    input: {
      siteFile: siteFile.file,
      siteText: siteFile.text,
      site,
      jobs: drawJobs(scaled, seed, rules, gpusPerNode),
      events: scenario?.events ?? [],
      seed,
      plant: request.plant,
      measureEveryMs: request.measureEveryMs,
      horizonMs: request.horizonMs,
      feedBudgetWatts: request.feedBudgetWatts,
    },
    rules: [
      `${scaled.length} jobs of ${traceFile.file} (${trace.form})${scaleText(request.scale)}`,
      ...describeDrawRules(rules),
    ],
  };
}

const dayMs = 86_400_000;

function noneLeft(jobs: readonly TraceJob[]): string {
  const fromMs = jobs[0]?.submittedAtMs ?? 0;
  const lastDay = Math.floor(((jobs.at(-1)?.submittedAtMs ?? fromMs) - fromMs) / dayMs);
  return `no job is left in the days asked for; the last of its jobs comes on day ${lastDay}, counted from 0`;
}

/** The usual classes, where some of the site's GPUs can be capped. */
function classesOf(site: Site): readonly string[] {
  return site.nodeClasses.some(({ gpuCap }) => gpuCap !== undefined)
    ? ["pre-train", "fine-tune", "inference"]
    : [];
}

function scaleText({ fromDay, toDay, arrivalRate, jobsMax }: TraceScale): string {
  return [
    fromDay === undefined && toDay === undefined
      ? ""
      : `, days ${fromDay ?? 0} to ${toDay ?? "the end"}`,
    jobsMax === undefined ? "" : `, the first ${jobsMax}`,
    arrivalRate === undefined ? "" : `, arrivals × ${arrivalRate}`,
  ].join("");
}

function refused(
  mistakes: readonly { readonly file: string; readonly line: number; readonly message: string }[],
): PreparedSimulation {
  return {
    kind: "refused",
    lines: mistakes.map(({ file, line, message }) => `${file}:${line}: ${message}`),
  };
}
