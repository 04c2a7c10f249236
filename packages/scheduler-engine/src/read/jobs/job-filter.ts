import { type Job, type JobState, jobState } from "../../state/job.ts";
import type { JobNumber } from "../../words/job-spec.ts";

/** Which jobs. A job matches when it matches every field that is present; `{}` matches all. */
export interface JobFilter {
  /** Of one of these projects. An empty list matches nothing: the caller may see no project. */
  readonly projects?: readonly string[];
  readonly owner?: string;
  /** In one of these states; an array is judged by its own state. */
  readonly states?: readonly JobState[];
  readonly namePrefix?: string;
  /** Holds all of these labels with these values. */
  readonly labels?: Readonly<Record<string, string>>;
  /** One of these; an array is one job. */
  readonly jobs?: readonly JobNumber[];
  /** Bound to this site by its owner, or placed on it in an attempt that is remembered. */
  readonly site?: string;
}

/** True when a filter says nothing: in a selector that is an error, never "all". */
export function isEmptyFilter(filter: JobFilter): boolean {
  return Object.values(filter).every((value) => value === undefined);
}

export function matchesJob(job: Job, filter: JobFilter): boolean {
  return jobMatcher(filter)(job);
}

/** The filter made ready for many jobs; the cheap questions come first. */
export function jobMatcher(filter: JobFilter): (job: Job) => boolean {
  const { owner, projects, namePrefix, site, states } = filter;
  const numbers = filter.jobs === undefined ? undefined : new Set(filter.jobs);
  const labels = Object.entries(filter.labels ?? {});
  return (job) =>
    (owner === undefined || job.owner === owner) &&
    (projects === undefined || projects.includes(job.spec.project)) &&
    (numbers === undefined || numbers.has(job.number)) &&
    (namePrefix === undefined || job.spec.name.startsWith(namePrefix)) &&
    labels.every(([key, value]) => {
      const own = job.spec.labels;
      return own[key] === value && Object.hasOwn(own, key);
    }) &&
    (site === undefined || isOfSite(job, site)) &&
    (states === undefined || states.includes(jobState(job)));
}

function isOfSite(job: Job, site: string): boolean {
  if (job.spec.site === site || job.history.some((attempt) => attempt.placement.site === site)) {
    return true;
  }
  for (const attempt of job.active?.values() ?? []) {
    if (attempt.placement.site === site) {
      return true;
    }
  }
  return false;
}
