import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { exactPlant, openSite, Simulation, type SimulatedJob } from "@ertis/simulator";
import type { JobEnd, RunResult } from "./run-result.ts";

const siteFile = "tests/benchmarks/philly/philly-a100.yaml";
const sitePath = fileURLToPath(new URL("philly-a100.yaml", import.meta.url));
const momentsPerStep = 100_000;

export interface ErtisRun extends RunResult {
  /** What was broken, in words. */
  readonly violations: readonly string[];
  readonly promisedCount: number;
  readonly promisedKeptCount: number;
  readonly eventCount: number;
}

/** The production engine on the same jobs, under the same budget. */
export function runErtis(
  jobs: readonly SimulatedJob[],
  budgetWatts: number,
  seed: number,
  horizonMs = Infinity,
): ErtisRun {
  const siteText = readFileSync(sitePath, "utf8");
  const opened = openSite(siteFile, siteText);
  if (opened.kind === "errors") {
    throw new Error(opened.errors.map(({ message }) => message).join("\n"));
  }
  const simulation = new Simulation({
    siteFile,
    siteText,
    site: opened.site,
    jobs,
    events: [],
    seed,
    plant: exactPlant,
    measureEveryMs: 0,
    horizonMs,
    feedBudgetWatts: budgetWatts,
  });
  while (simulation.step(momentsPerStep)) {
    // Goes on until every job is over, or the horizon is reached.
  }
  const { checks, recorder, plant, controller } = simulation;
  const ends: JobEnd[] = [];
  for (const { job, firstStartAtMs, endedAtMs } of recorder.jobs.values()) {
    if (firstStartAtMs !== undefined && endedAtMs !== undefined) {
      ends.push({ job, startedAtMs: firstStartAtMs, endedAtMs });
    }
  }
  const promises = checks.promises.score();
  return {
    ends,
    workGpuMs: plant.work.keptGpuMs,
    joules: recorder.energyJoules,
    violationCount: checks.violationCount,
    violations: checks.violations.map(({ property, message }) => `${property}: ${message}`),
    promisedCount: promises.promisedCount,
    promisedKeptCount: promises.keptCount,
    eventCount: controller.eventCount,
  };
}
