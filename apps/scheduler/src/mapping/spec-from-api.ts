import {
  DependencyCondition,
  FailureCategory,
  type JobDependency,
  type JobSpec as ApiJobSpec,
  PriorityClass,
  type RetryPolicy as ApiRetryPolicy,
} from "@ertis/api";
import { instant, milliseconds } from "@ertis/quantities";
import type {
  Dependency,
  DependencyCondition as Condition,
  FailureCategory as Category,
  JobSpec,
  PriorityClass as Priority,
  RetryPolicy,
} from "@ertis/scheduler-engine";
import {
  arrayTaskCountMax,
  dependencyCountMax,
  gangNodeCountMax,
  gpusPerNodeMax,
  instantMsMax,
  retryCountMax,
  walltimeMsMin,
} from "../limits/limits.ts";
import { checkLength, checkRange } from "./check-range.ts";
import { jobIdRule, parseJobId } from "./job-ids.ts";
import { SharedParts } from "./shared-parts.ts";
import { checkFlexibility, flexibilityOf } from "./spec-flexibility.ts";
import { checkIdentifier, checkName } from "./spec-names.ts";
import { checkEnv, checkLabels, checkProgram } from "./spec-workload.ts";
import { quoted, type Violation } from "./violation.ts";

export interface SpecRules {
  readonly walltimeMsMax: number;
}

const shared = new SharedParts();
const noDependencies: readonly Dependency[] = Object.freeze([]);
const defaultCategories: readonly Category[] = Object.freeze(["application", "start"]);
const noRetry: RetryPolicy = shared.retry(0, defaultCategories);

/**
 * Checks a spec and puts it into the engine's words in one go: the border where strangers' numbers
 * become ours. Names every wrong field; `undefined` when there is one.
 */
export function specFromApi(
  spec: ApiJobSpec,
  rules: SpecRules,
  violations: Violation[],
): JobSpec | undefined {
  const before = violations.length;
  checkNames(spec, violations);
  checkNumbers(spec, rules, violations);
  checkProgram(spec, violations);
  checkLabels(spec.labels, violations);
  checkEnv(spec.env, violations);
  checkFlexibility(spec, violations);
  const priorityClass = priorityFromApi(spec.priorityClass, violations);
  const dependencies =
    spec.dependencies.length === 0
      ? noDependencies
      : dependenciesFromApi(spec.dependencies, violations);
  const retry =
    spec.retryPolicy === undefined ? noRetry : retryFromApi(spec.retryPolicy, violations);
  if (violations.length > before) {
    return undefined;
  }
  const workload = shared.workload(spec);
  const flexibility = flexibilityOf(spec);
  const beginAt = spec.beginTimeMs;
  const mapped = {
    name: spec.name,
    project: shared.text(spec.project),
    nodeCount: spec.nodeCount,
    gpusPerNode: spec.gpusPerNode,
    gpuModel: shared.text(spec.gpuModel),
    site: shared.text(spec.site),
    walltime: milliseconds(spec.walltimeMs),
    ...flexibility,
    workloadClass: shared.text(flexibility.workloadClass),
    priorityClass,
    preemptible: spec.preemptible,
    dependencies,
    taskCount: spec.array?.taskCount ?? 1,
    taskThrottle: spec.array?.throttle ?? 0,
    retry,
    labels: shared.record(spec.labels),
    isHeld: spec.held,
    workload,
  };
  return beginAt === 0 ? mapped : { ...mapped, beginAt: instant(beginAt) };
}

function checkNames(spec: ApiJobSpec, violations: Violation[]): void {
  checkName("spec.name", spec.name, violations);
  checkIdentifier("spec.project", spec.project, violations);
  if (spec.site !== "") {
    checkIdentifier("spec.site", spec.site, violations);
  }
  if (spec.gpuModel !== "" && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(spec.gpuModel)) {
    violations.push({
      field: "spec.gpu_model",
      description: `found ${quoted(spec.gpuModel)}, but a GPU model is written like H100-SXM-80GB: 1 to 63 letters, digits, dots, dashes`,
    });
  }
}

function checkNumbers(spec: ApiJobSpec, rules: SpecRules, violations: Violation[]): void {
  checkRange("spec.node_count", spec.nodeCount, [1, gangNodeCountMax], violations);
  checkRange("spec.gpus_per_node", spec.gpusPerNode, [1, gpusPerNodeMax], violations);
  const walltimes = [walltimeMsMin, rules.walltimeMsMax] as const;
  checkLength("spec.walltime_ms", spec.walltimeMs, walltimes, violations);
  checkRange("spec.begin_time_ms", spec.beginTimeMs, [0, instantMsMax], violations);
  if (spec.array !== undefined) {
    const { taskCount, throttle } = spec.array;
    checkRange("spec.array.task_count", taskCount, [1, arrayTaskCountMax], violations);
    checkRange("spec.array.throttle", throttle, [0, arrayTaskCountMax], violations);
  }
}

function priorityFromApi(value: PriorityClass, violations: Violation[]): Priority {
  switch (value) {
    case PriorityClass.UNSPECIFIED:
    case PriorityClass.NORMAL:
      return "normal";
    case PriorityClass.LOW:
      return "low";
    case PriorityClass.HIGH:
      return "high";
    case PriorityClass.URGENT:
      return "urgent";
    default:
      violations.push(unknownEnum("spec.priority_class", value));
      return "normal";
  }
}

function unknownEnum(field: string, value: number): Violation {
  return {
    field,
    description: `found ${value}, a value this server does not know; use one of the contract`,
  };
}

function dependenciesFromApi(
  dependencies: readonly JobDependency[],
  violations: Violation[],
): readonly Dependency[] {
  if (dependencies.length > dependencyCountMax) {
    violations.push({
      field: "spec.dependencies",
      description: `found ${dependencies.length}, but at most ${dependencyCountMax} are allowed; make a job in between that waits for some of them`,
    });
    return noDependencies;
  }
  const found: Dependency[] = [];
  for (const [index, { jobId, condition }] of dependencies.entries()) {
    const path = `spec.dependencies[${index}]`;
    const id = parseJobId(jobId);
    if (id === undefined) {
      violations.push({
        field: `${path}.job_id`,
        description: `found ${quoted(jobId)}, but ${jobIdRule}`,
      });
    } else if (id.task !== undefined) {
      violations.push({
        field: `${path}.job_id`,
        description: `found ${quoted(jobId)}: waiting for a single task is not possible yet; name the whole array, ${id.job}`,
      });
    } else {
      found.push({
        job: id.job,
        condition: conditionFromApi(`${path}.condition`, condition, violations),
      });
    }
  }
  return found;
}

function conditionFromApi(
  field: string,
  value: DependencyCondition,
  violations: Violation[],
): Condition {
  switch (value) {
    case DependencyCondition.UNSPECIFIED:
    case DependencyCondition.AFTER_OK:
      return "after-ok";
    case DependencyCondition.AFTER_ANY:
      return "after-any";
    case DependencyCondition.AFTER_NOT_OK:
      return "after-not-ok";
    default:
      violations.push(unknownEnum(field, value));
      return "after-ok";
  }
}

const categories: ReadonlyMap<number, Category> = new Map([
  [FailureCategory.APPLICATION, "application"],
  [FailureCategory.WALLTIME, "walltime"],
  [FailureCategory.START, "start"],
  [FailureCategory.NODE, "node"],
  [FailureCategory.PREEMPTION, "preemption"],
]);

function retryFromApi(policy: ApiRetryPolicy, violations: Violation[]): RetryPolicy {
  checkRange("spec.retry_policy.max_retries", policy.maxRetries, [0, retryCountMax], violations);
  const field = "spec.retry_policy.categories";
  if (policy.categories.length > categories.size) {
    violations.push({
      field,
      description: `found ${policy.categories.length}, but there are only ${categories.size}; name each once`,
    });
    return noRetry;
  }
  const found: Category[] = [];
  for (const [index, value] of policy.categories.entries()) {
    const category = categories.get(value);
    if (category === undefined) {
      violations.push(unknownEnum(`${field}[${index}]`, value));
    } else if (!found.includes(category)) {
      found.push(category);
    }
  }
  return shared.retry(policy.maxRetries, found.length === 0 ? defaultCategories : found);
}
