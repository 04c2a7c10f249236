import {
  DependencyCondition as ApiDependencyCondition,
  DomainKind as ApiDomainKind,
  DrainAction as ApiDrainAction,
  FailureCategory as ApiFailureCategory,
  JobState as ApiJobState,
  NodeState as ApiNodeState,
  PriorityClass as ApiPriorityClass,
} from "@ertis/api";
import type {
  DependencyCondition,
  DomainView,
  DrainAction,
  FailureCategory,
  JobState,
  NodeView,
  PriorityClass,
} from "@ertis/scheduler-engine";

// One table for each word that both sides have; `Record` makes a forgotten one a type error.

export const jobStateToApi: Readonly<Record<JobState, ApiJobState>> = {
  held: ApiJobState.HELD,
  waiting: ApiJobState.WAITING,
  queued: ApiJobState.QUEUED,
  starting: ApiJobState.STARTING,
  running: ApiJobState.RUNNING,
  stopping: ApiJobState.STOPPING,
  succeeded: ApiJobState.SUCCEEDED,
  failed: ApiJobState.FAILED,
  cancelled: ApiJobState.CANCELLED,
};

export const priorityToApi: Readonly<Record<PriorityClass, ApiPriorityClass>> = {
  low: ApiPriorityClass.LOW,
  normal: ApiPriorityClass.NORMAL,
  high: ApiPriorityClass.HIGH,
  urgent: ApiPriorityClass.URGENT,
};

export const conditionToApi: Readonly<Record<DependencyCondition, ApiDependencyCondition>> = {
  "after-ok": ApiDependencyCondition.AFTER_OK,
  "after-any": ApiDependencyCondition.AFTER_ANY,
  "after-not-ok": ApiDependencyCondition.AFTER_NOT_OK,
};

export const categoryToApi: Readonly<Record<FailureCategory, ApiFailureCategory>> = {
  application: ApiFailureCategory.APPLICATION,
  walltime: ApiFailureCategory.WALLTIME,
  start: ApiFailureCategory.START,
  node: ApiFailureCategory.NODE,
  preemption: ApiFailureCategory.PREEMPTION,
};

export const domainKindToApi: Readonly<Record<DomainView["kind"], ApiDomainKind>> = {
  feed: ApiDomainKind.FEED,
  substation: ApiDomainKind.SUBSTATION,
  hall: ApiDomainKind.HALL,
  row: ApiDomainKind.ROW,
  rack: ApiDomainKind.RACK,
};

export const nodeStateToApi: Readonly<Record<NodeView["state"], ApiNodeState>> = {
  ready: ApiNodeState.READY,
  lost: ApiNodeState.LOST,
  off: ApiNodeState.OFF,
};

export const drainActionToApi: Readonly<Record<DrainAction, ApiDrainAction>> = {
  requeue: ApiDrainAction.REQUEUE,
  cancel: ApiDrainAction.CANCEL,
  wait: ApiDrainAction.WAIT,
};

/** The word for a value of the contract; undefined for UNSPECIFIED and for values of a newer contract. */
export function fromApi<Word extends string>(
  table: Readonly<Record<Word, number>>,
  value: number,
): Word | undefined {
  for (const word in table) {
    if (table[word] === value) {
      return word;
    }
  }
  return undefined;
}

/** `array-throttle` as a code of the contract: `ARRAY_THROTTLE`. */
export function codeOf(word: string | undefined): string {
  return word === undefined ? "" : word.toUpperCase().replaceAll("-", "_");
}
