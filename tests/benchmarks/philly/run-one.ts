/**
 * One run of one policy, as a process of its own, so that several run side by side and none inherits
 * another's memory. Prints its figures as one line of JSON.
 */
import { Baseline } from "./baseline.ts";
import { runErtis } from "./ertis.ts";
import { loadPhilly, phillyJobs } from "./philly-jobs.ts";
import { fullWatts } from "./plant.ts";
import { flat, nameplate, type Policy, uniform } from "./policy.ts";
import { figuresOf, type PolicyFigures } from "./run-result.ts";
import type { PhillyRun } from "./runs.ts";

const baselines: Readonly<Record<string, Policy>> = { nameplate, flat, uniform };
const dayMs = 86_400_000;

function runOf(run: PhillyRun): PolicyFigures & { readonly violations: readonly string[] } {
  const loaded = loadPhilly();
  if (loaded.kind === "absent") {
    throw new Error(loaded.message);
  }
  const jobs = phillyJobs(loaded.jobs, run.seed, run.walltimes, run.scale);
  const budgetWatts = Math.floor(fullWatts * run.budgetShare);
  const horizonMs = run.horizonDays === undefined ? Infinity : run.horizonDays * dayMs;
  const policy = baselines[run.policy];
  if (policy !== undefined) {
    const figures = figuresOf(new Baseline(policy, budgetWatts).run(jobs, horizonMs), jobs.length);
    return { ...figures, violations: [] };
  }
  const result = runErtis(jobs, budgetWatts, run.seed, horizonMs);
  return { ...figuresOf(result, jobs.length), violations: result.violations };
}

const run: PhillyRun = JSON.parse(process.argv[2] ?? "{}");
process.stdout.write(`${JSON.stringify(runOf(run))}\n`);
