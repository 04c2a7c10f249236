export {
  priorityClasses,
  type Checkpoint,
  type Dependency,
  type DependencyCondition,
  type FailureCategory,
  type FlexibilityTier,
  type JobNumber,
  type JobSpec,
  type PriorityClass,
  type RetryPolicy,
  type Workload,
} from "./words/job-spec.ts";
export type {
  AttemptKey,
  AttemptOutcome,
  Observation,
  Placement,
  StopReason,
} from "./words/attempt.ts";
export type { Account, Quota } from "./words/account.ts";
export type { Curtailment, CurtailmentMode } from "./words/curtailment.ts";
export type {
  CancelCurtailment,
  Caller,
  ChangeJobs,
  ChangeNodes,
  Command,
  DrainAction,
  DrainNodes,
  Measure,
  Place,
  PowerBudget,
  RegisterSite,
  RemoveBudget,
  Report,
  ScheduleCurtailment,
  SetAccounts,
  SetBudget,
  SubmitItem,
  SubmitJobs,
  Tick,
} from "./words/command.ts";
export type {
  AfterExit,
  AttemptExited,
  AttemptStarted,
  CapAcknowledged,
  CapSet,
  DrawMeasured,
  Entry,
  Event,
  JobsSubmitted,
  RecordedCommand,
  ReservationMade,
} from "./words/event.ts";
export type { Rejection, RejectionCode } from "./words/rejection.ts";
export type {
  ChangeResult,
  ForeseenMiss,
  MovedPromise,
  PromisedStart,
  Reply,
  SubmitResult,
} from "./words/reply.ts";
export { Engine, isLogged, type Decision } from "./engine.ts";
export {
  acknowledgeMs,
  defaultLimits,
  shareHalfLifeMs,
  stopGraceMs,
  switchOffMs,
  walltimeWarningMs,
  type EngineLimits,
} from "./limits.ts";
export { decodeEntry, encodeEntry, UnreadableEntry } from "./history/entry-codec.ts";
export { encodeSnapshot, SnapshotReader } from "./history/snapshot.ts";
export { stateDigest } from "./history/digest.ts";
export type { EngineState } from "./state/engine-state.ts";
export {
  activeAttempts,
  type Attempt,
  findAttempt,
  isFinished,
  type Job,
  type JobState,
  jobState,
} from "./state/job.ts";
export { jobTransitions } from "./state/transitions.ts";
export { lostNodes, nodesUp } from "./read/power/lost-nodes.ts";
export type { Drain, NodeNote } from "./state/site-state.ts";
export { matchesJob, type JobFilter } from "./read/jobs/job-filter.ts";
export {
  jobView,
  type AttemptView,
  type JobView,
  type NodePlacementView,
  type TaskCounts,
  type ViewDetail,
} from "./read/jobs/job-view.ts";
export type { JobStateReason } from "./read/jobs/state-reason.ts";
export { type TaskView } from "./read/jobs/task-view.ts";
export {
  getJob,
  getTask,
  listJobs,
  type JobCursor,
  type JobList,
  type JobPage,
} from "./read/jobs/jobs.ts";
export {
  selectJobs,
  type JobSelection,
  type JobSelector,
  type SelectPage,
} from "./read/jobs/select-jobs.ts";
export {
  listBudgets,
  type BudgetChange,
  type BudgetFilter,
  type BudgetList,
  type BudgetPage,
} from "./power/budgets.ts";
export { type BudgetFloors, budgetFloors, type FloorJob } from "./read/power/budget-floors.ts";
export {
  getDomain,
  powerTree,
  type DomainView,
  type Excess,
  type PowerTree,
  type TreePage,
} from "./read/power/power-tree.ts";
export {
  findNode,
  getNode,
  listNodes,
  type NodeFilter,
  type NodeList,
  type NodePage,
  type NodeState,
  type NodeView,
} from "./read/power/nodes.ts";
export {
  listAccounts,
  type AccountList,
  type AccountPage,
  type AccountView,
} from "./read/accounts/accounts.ts";
export { type AccountOver, accountsOver } from "./read/accounts/accounts-over.ts";
export { type MeasuredClasses, measuredClasses } from "./read/power/measured-classes.ts";
export type { SiteState } from "./state/site-state.ts";
export { refuseAccounts } from "./decide/commands/accounts.ts";
export { explainJob } from "./read/explain/explain.ts";
export type {
  Explanation,
  ExplanationReason,
  HeadStart,
  PlaceNumbers,
} from "./read/explain/explanation.ts";
export type { StartOption } from "./read/explain/start-options.ts";
export type { Suggestion } from "./read/explain/suggestion.ts";
export type { JobsAhead } from "./read/explain/ahead.ts";
export type { PowerBlock, SupplyAfterFailure } from "./read/explain/power-block.ts";
export type { SupplyView } from "./read/power/supply-views.ts";
export { type OrderExplanation, type OrderReason } from "./read/accounts/explain-order.ts";
export { planJob, type JobPlan } from "./read/explain/plan.ts";
export { beyondRampSentence } from "./read/explain/ramp-sentence.ts";
export type { PlannedNetwork, PlannedPromise } from "./read/explain/plan-later.ts";
export {
  belowLeast,
  explanationSentence,
  type SentenceFormat,
  whyNotMore,
} from "./read/explain/sentence.ts";
export { measuredBaseline, type MeasuredBaseline } from "./decide/forecast/baseline.ts";
export {
  complianceOf,
  listCurtailments,
  type Compliance,
  type CompliantMinute,
  type CurtailmentPhase,
  type CurtailmentView,
  type JobCompliance,
} from "./read/curtailments/compliance.ts";
export type { CurtailmentForecast } from "./decide/forecast/forecast.ts";
export { isTargetMet, tierBrokenCount } from "./decide/forecast/foreseen-miss.ts";
export type { JobForecast } from "./decide/forecast/forecast-jobs.ts";
export type { Infeasible } from "./decide/forecast/forecast-refusal.ts";
export type { ReservedNodes } from "./decide/forecast/reserved-nodes.ts";
export { jobsBelow } from "./read/jobs/jobs-below.ts";
export { movedAsOf } from "./read/jobs/moved-as-of.ts";
export { heldBelow } from "./read/curtailments/held-below.ts";
export { curtailmentOf } from "./read/curtailments/compliance.ts";
export {
  previewCurtailment,
  type CurtailmentPreview,
} from "./read/curtailments/preview-curtailment.ts";
