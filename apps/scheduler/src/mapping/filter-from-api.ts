import type { JobFilter as ApiJobFilter } from "@ertis/api";
import type { JobFilter, JobState } from "@ertis/scheduler-engine";
import { isOperator, type Person } from "../auth/people.ts";
import {
  identifierLengthMax,
  labelCountMax,
  namedJobCountMax,
  nameLengthMax,
} from "../limits/limits.ts";
import { fromApi, jobStateToApi } from "./enums.ts";
import { jobIdRule, parseJobId } from "./job-ids.ts";
import { quoted, type Violation } from "./violation.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What was asked for, cut down to the projects that the caller may see. */
export function filterFromApi(
  filter: ApiJobFilter | undefined,
  person: Person,
  path: string,
  violations: Violation[],
): JobFilter {
  const found: Mutable<JobFilter> = {};
  const projects = visibleProjects(person, filter?.project ?? "");
  if (projects !== undefined) {
    found.projects = projects;
  }
  if (filter === undefined) {
    return found;
  }
  checkLength(`${path}.project`, filter.project, identifierLengthMax, violations);
  if (filter.owner !== "") {
    checkLength(`${path}.owner`, filter.owner, nameLengthMax, violations);
    found.owner = filter.owner;
  }
  if (filter.states.length > 0) {
    found.states = statesFromApi(filter.states, `${path}.states`, violations);
  }
  if (filter.namePrefix !== "") {
    checkLength(`${path}.name_prefix`, filter.namePrefix, nameLengthMax, violations);
    found.namePrefix = filter.namePrefix;
  }
  if (filter.labels.size > 0) {
    if (filter.labels.size > labelCountMax) {
      violations.push({
        field: `${path}.labels`,
        description: `found ${filter.labels.size} labels, but at most ${labelCountMax} are allowed`,
      });
    }
    found.labels = Object.fromEntries(filter.labels);
  }
  if (filter.jobIds.length > 0) {
    found.jobs = numbersFromApi(filter.jobIds, `${path}.job_ids`, violations);
  }
  if (filter.site !== "") {
    checkLength(`${path}.site`, filter.site, identifierLengthMax, violations);
    found.site = filter.site;
  }
  return found;
}

/** Undefined: every project. */
function visibleProjects(person: Person, project: string): readonly string[] | undefined {
  if (isOperator(person) || person.projects.has("*")) {
    return project === "" ? undefined : [project];
  }
  return project === ""
    ? [...person.projects]
    : [project].filter((one) => person.projects.has(one));
}

export function isFilterEmpty(filter: ApiJobFilter | undefined): boolean {
  return (
    filter === undefined ||
    (filter.project === "" &&
      filter.owner === "" &&
      filter.states.length === 0 &&
      filter.namePrefix === "" &&
      filter.labels.size === 0 &&
      filter.jobIds.length === 0 &&
      filter.site === "")
  );
}

function checkLength(field: string, text: string, max: number, violations: Violation[]): void {
  if (text.length > max) {
    violations.push({
      field,
      description: `found ${text.length} characters, but at most ${max} are allowed`,
    });
  }
}

function statesFromApi(
  values: readonly number[],
  path: string,
  violations: Violation[],
): readonly JobState[] {
  const states: JobState[] = [];
  for (const value of values.slice(0, 100)) {
    const state = fromApi(jobStateToApi, value);
    if (state === undefined) {
      violations.push({ field: path, description: `found ${value}, which is no state of a job` });
    } else if (!states.includes(state)) {
      states.push(state);
    }
  }
  return states;
}

/** Whole jobs only: acting on and filtering by single tasks comes later. */
export function numbersFromApi(
  ids: readonly string[],
  path: string,
  violations: Violation[],
): readonly number[] {
  if (ids.length > namedJobCountMax) {
    violations.push({
      field: path,
      description: `found ${ids.length} ids, but at most ${namedJobCountMax} are allowed; call again for the rest`,
    });
    return [];
  }
  const numbers: number[] = [];
  for (const [index, text] of ids.entries()) {
    const id = parseJobId(text);
    if (id === undefined) {
      violations.push({
        field: `${path}[${index}]`,
        description: `found ${quoted(text)}, but ${jobIdRule}`,
      });
    } else if (id.task !== undefined) {
      violations.push({
        field: `${path}[${index}]`,
        description: `found ${quoted(text)}, one task of an array; only whole jobs can be named here yet: ${id.job}`,
      });
    } else {
      numbers.push(id.job);
    }
  }
  return numbers;
}
