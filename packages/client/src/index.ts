export { createClient, type ClientOptions, type ErtisClient, type ServerCalls } from "./client.ts";
export {
  type JobCalls,
  type JobSelection,
  type JobsEvent,
  type ListJobsOptions,
  type WatchJobsOptions,
} from "./job-calls.ts";
export {
  type PowerCalls,
  type PowerEvent,
  type PowerScope,
  type WatchPowerOptions,
} from "./power-calls.ts";
export { type CurtailmentCalls, type CurtailmentScope } from "./curtailment-calls.ts";
export { type AccountCalls } from "./account-calls.ts";
export { type NodeCalls } from "./node-calls.ts";
export { type CallOptions } from "./caller.ts";
export { isLocal, type ConnectionOptions, type TlsOptions } from "./connection.ts";
export { type BackOff } from "./back-off.ts";
export { type BatchLimits } from "./split.ts";
export {
  type JobRequest,
  type SubmitEntry,
  type SubmitOutcome,
  Submitter,
  type SubmitterOptions,
} from "./submitter.ts";
export { type WatchEvent, type WatchMessage, type WatchOptions } from "./watch.ts";
export { createJobsMirror, createPowerMirror, type Mirror } from "./mirror.ts";
export {
  ErtisError,
  type ErtisCode,
  type ErtisErrorFacts,
  type FieldViolation,
} from "./ertis-error.ts";
