// The door of the contract: names from the generated files, one by one (see proto/README.md).

// The jobs.
export {
  Attempt,
  AttemptOutcome,
  attemptOutcomeToJSON,
  Checkpoint,
  DependencyCondition,
  dependencyConditionToJSON,
  FailureCategory,
  failureCategoryToJSON,
  Job,
  JobArray,
  JobDependency,
  JobSpec,
  JobState,
  jobStateToJSON,
  JobView,
  jobViewToJSON,
  NodePlacement,
  PriorityClass,
  priorityClassToJSON,
  RetryPolicy,
  TaskCounts,
} from "./generated/ertis/v1/job.ts";
export {
  Explanation,
  ExplanationReason,
  explanationReasonToJSON,
  StartOption,
  SuggestedChange,
} from "./generated/ertis/v1/explanation.ts";
export {
  CancelJobsRequest,
  CancelJobsResponse,
  ExplainJobRequest,
  ExplainJobResponse,
  GetJobRequest,
  GetJobResponse,
  HoldJobsRequest,
  HoldJobsResponse,
  JobActionOutcome,
  jobActionOutcomeToJSON,
  JobActionResult,
  JobFilter,
  JobSelector,
  JobServiceClient,
  type JobServiceServer,
  JobServiceService,
  ListJobsRequest,
  ListJobsResponse,
  PlanJobRequest,
  PlanJobResponse,
  PlannedStart,
  ReleaseJobsRequest,
  ReleaseJobsResponse,
  SubmitItem,
  SubmitJobsRequest,
  SubmitJobsResponse,
  SubmitResult,
  WatchJobsRequest,
  WatchJobsResponse,
} from "./generated/ertis/v1/job_service.ts";

// The power tree.
export {
  Budget,
  BudgetChange,
  DomainKind,
  domainKindToJSON,
  PowerDomain,
  RampRecord,
  Supply,
} from "./generated/ertis/v1/power.ts";
export {
  AffectedJob,
  ComplianceMinute,
  ComplianceReport,
  Curtailment,
  CurtailmentEffect,
  curtailmentEffectToJSON,
  CurtailmentMode,
  curtailmentModeToJSON,
  CurtailmentPoint,
  CurtailmentPreview,
  CurtailmentRefusal,
  ForeseenMiss,
  CurtailmentSpec,
  CurtailmentState,
  curtailmentStateToJSON,
  FloorGain,
  MovedStart,
  ReservedNodes,
  TierEffect,
} from "./generated/ertis/v1/curtailment.ts";
export {
  CancelCurtailmentRequest,
  CancelCurtailmentResponse,
  FloorJob,
  GetComplianceRequest,
  GetComplianceResponse,
  GetPowerTreeRequest,
  GetPowerTreeResponse,
  ListBudgetsRequest,
  ListBudgetsResponse,
  ListCurtailmentsRequest,
  ListCurtailmentsResponse,
  PowerServiceClient,
  type PowerServiceServer,
  PowerServiceService,
  PreviewCurtailmentRequest,
  PreviewCurtailmentResponse,
  RemoveBudgetRequest,
  RemoveBudgetResponse,
  ScheduleCurtailmentRequest,
  ScheduleCurtailmentResponse,
  SetBudgetRequest,
  SetBudgetResponse,
  WatchPowerRequest,
  WatchPowerResponse,
} from "./generated/ertis/v1/power_service.ts";

// The accounts.
export { Account, AccountUsage, Quota } from "./generated/ertis/v1/account.ts";
export {
  AccountOverQuota,
  AccountServiceClient,
  type AccountServiceServer,
  AccountServiceService,
  ListAccountsRequest,
  ListAccountsResponse,
  SetAccountsRequest,
  SetAccountsResponse,
} from "./generated/ertis/v1/account_service.ts";

// The nodes.
export {
  DrainAction,
  drainActionToJSON,
  Node,
  NodeState,
  nodeStateToJSON,
} from "./generated/ertis/v1/node.ts";
export {
  ConfirmNodePowerOffRequest,
  ConfirmNodePowerOffResponse,
  CordonNodeRequest,
  CordonNodeResponse,
  DrainNodeRequest,
  DrainNodeResponse,
  ListNodesRequest,
  ListNodesResponse,
  NodeFilter,
  NodeServiceClient,
  type NodeServiceServer,
  NodeServiceService,
  UncordonNodeRequest,
  UncordonNodeResponse,
} from "./generated/ertis/v1/node_service.ts";

// Shared words and the server itself.
export { Rejection, WatchPhase, watchPhaseToJSON } from "./generated/ertis/v1/common.ts";
export {
  CallerInfo,
  ClockMode,
  clockModeToJSON,
  GetServerInfoRequest,
  GetServerInfoResponse,
  InfoServiceClient,
  type InfoServiceServer,
  InfoServiceService,
  Role,
  roleToJSON,
  ServerLimits,
  MeasuredClasses,
  SiteInfo,
} from "./generated/ertis/v1/info_service.ts";

// The stepped virtual clock of tests and replays.
export {
  AdvanceRequest,
  AdvanceResponse,
  ClockServiceClient,
  type ClockServiceServer,
  ClockServiceService,
  GetClockRequest,
  GetClockResponse,
} from "./generated/ertis/simulation/v1/clock.ts";

// What a whole call that fails carries (google.rpc).
export { Status as RpcStatus } from "./generated/google/rpc/status.ts";
export { Code as RpcCode, codeToJSON } from "./generated/google/rpc/code.ts";
export {
  BadRequest,
  BadRequest_FieldViolation,
  DebugInfo,
  ErrorInfo,
  Help,
  Help_Link,
  LocalizedMessage,
  PreconditionFailure,
  PreconditionFailure_Violation,
  QuotaFailure,
  QuotaFailure_Violation,
  RequestInfo,
  ResourceInfo,
  RetryInfo,
} from "./generated/google/rpc/error_details.ts";
export { Any as ProtoAny } from "./generated/google/protobuf/any.ts";
export { Duration as ProtoDuration } from "./generated/google/protobuf/duration.ts";

export { descriptorSetPath, readDescriptorSet } from "./descriptors.ts";

// For a decoder that has to know whether all bytes were read.
export { BinaryReader } from "@bufbuild/protobuf/wire";
