import { type Job, type JobState, jobState } from "../state/job.ts";
import type { JobNumber } from "../words/job-spec.ts";

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

/** The cheap questions come first: a listing asks them of many jobs. */
export function matchesJob(job: Job, filter: JobFilter): boolean {
  const { spec } = job;
  return (
    (filter.owner === undefined || job.owner === filter.owner) &&
    (filter.projects === undefined || filter.projects.includes(spec.project)) &&
    (filter.jobs === undefined || filter.jobs.includes(job.number)) &&
    (filter.namePrefix === undefined || spec.name.startsWith(filter.namePrefix)) &&
    (filter.labels === undefined || holdsLabels(job, filter.labels)) &&
    (filter.site === undefined || isOfSite(job, filter.site)) &&
    (filter.states === undefined || filter.states.includes(jobState(job)))
  );
}

function holdsLabels(job: Job, labels: Readonly<Record<string, string>>): boolean {
  const own = job.spec.labels;
  return Object.entries(labels).every(
    ([key, value]) => Object.hasOwn(own, key) && own[key] === value,
  );
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
