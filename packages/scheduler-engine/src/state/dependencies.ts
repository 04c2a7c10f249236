import type { Dependency, JobSpec } from "../words/job-spec.ts";
import type { EngineState } from "./engine-state.ts";
import { jobState } from "./job.ts";

export type DependencyState = "met" | "waiting" | "never";

/**
 * Where one dependency stands. A job that is no longer known had its dependents settled when it
 * ended: those that still wait for something else are those for which it was met.
 */
export function dependencyState(state: EngineState, dependency: Dependency): DependencyState {
  const job = state.jobs.get(dependency.job);
  if (job === undefined) {
    return "met";
  }
  if (job.finishedAtMs === undefined) {
    return "waiting";
  }
  const isOk = jobState(job) === "succeeded";
  switch (dependency.condition) {
    case "after-any":
      return "met";
    case "after-ok":
      return isOk ? "met" : "never";
    case "after-not-ok":
      return isOk ? "never" : "met";
  }
}

/** Where all dependencies of a job stand together. */
export function dependenciesState(state: EngineState, spec: JobSpec): DependencyState {
  let result: DependencyState = "met";
  for (const dependency of spec.dependencies) {
    const one = dependencyState(state, dependency);
    if (one === "never") {
      return "never";
    }
    if (one === "waiting") {
      result = "waiting";
    }
  }
  return result;
}
