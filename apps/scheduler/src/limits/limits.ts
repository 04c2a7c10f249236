/**
 * Every bound on what a caller may send, with its reason. A limit that an installation may change is in
 * `ServerLimits` and comes from the configuration; the others are part of the contract.
 */

const secondMs = 1_000;
const dayMs = 86_400_000;

/** Characters that people read; longer names do not fit a table and can hide what follows. */
export const nameLengthMax = 128;
/** One label of DNS (RFC 1035), because projects, sites and budgets become parts of such names. */
export const identifierLengthMax = 63;
/** More nodes than the largest site plan has; keeps every product of counts exact. */
export const gangNodeCountMax = 100_000;
/** What one node class can hold (site model). */
export const gpusPerNodeMax = 16;
/** Shorter than any start; a walltime below is a unit mistaken for another. */
export const walltimeMsMin: number = 1 * secondMs;
/** The year 2100: later instants are a unit mistaken for another (microseconds, say). */
export const instantMsMax = 4_102_444_800_000;
/** One row in the log whatever the count; a million indices are still cheap to keep as ranges. */
export const arrayTaskCountMax = 1_000_000;
/** Several times what any GPU takes; more is a unit mistaken for another. */
export const capWattsMax = 10_000;
/** Longer than any store takes; a pause that long helps nobody. */
export const checkpointMsMax: number = 3_600 * secondMs;
/** Longest curtailment: plans look no further ahead than the longest walltime. */
export const curtailmentMsMax: number = 30 * dayMs;
/** Jobs that a plan names as stopped, or lowered. */
export const namedJobsMax = 100;
/** Accounts that are named because a new quota is short for what they have. */
export const accountsOverMax = 100;
/** Jobs of one preview or report: more are counted, not listed. */
export const affectedJobsMax = 1_000;
/** A day and a half of minutes in one report. */
export const complianceMinutesMax = 2_000;
/** Accounts of one SetAccounts: one command of the writer loop. */
export const accountCountMax = 10_000;
/** Shares are compared as fractions; a million to one is as good as nothing. */
export const accountWeightMax = 1_000_000;
/** Three names with two slashes. */
export const accountIdLengthMax = 191;
/** Each is looked at when a job ends. */
export const dependencyCountMax = 64;
/** So that a cursed job ends some day. */
export const retryCountMax = 100;
/** Kept in memory with the job. */
export const labelCountMax = 32;
export const labelKeyLengthMax = 63;
export const labelValueLengthMax = 255;
/** Handed to the container; Linux limits one string of the environment to 128 KiB, ours is stricter. */
export const envCountMax = 256;
export const envBytesMax = 65_536;
export const scriptBytesMax = 65_536;
export const argumentCountMax = 256;
export const argumentBytesMax = 65_536;
export const imageLengthMax = 512;
/** PATH_MAX is 4,096; a quarter is plenty. */
export const workingDirectoryLengthMax = 1_024;
/** A sentence or two for the record. */
export const reasonLengthMax = 500;
/** Items of one SubmitJobs: one command of the writer loop, bounded so that none holds up the others. */
export const submitItemCountMax = 1_000;
/** Ids named in one selector or filter. */
export const namedJobCountMax = 1_000;
/** Jobs one action reaches; the caller is told how many remain. */
export const actionJobCountMax = 10_000;
/** Jobs in one command of the engine. */
export const actionJobsPerCommandMax = 1_000;
/** Items of one page. */
export const pageSizeMax = 1_000;
export const pageSizeDefault = 100;
export const domainPageSizeMax = 5_000;
export const domainPageSizeDefault = 1_000;
/** Bytes after which a page ends early, so that an answer stays below a client's 4 MiB default. */
export const pageBytesMax = 2_000_000;
/** Jobs looked at in one read, so that a listing never holds up the writer noticeably. */
export const scanJobCountMax = 10_000;
/** Jobs looked at for one page; a page may be short, its token goes on. */
export const scanJobCountPerCallMax = 500_000;
/** Facts of a rejection. */
export const rejectionMetadataMax = 16;
/** Wrong fields of one item that are named; a machine that makes more mistakes makes the same ones. */
export const violationCountMax = 15;

export const heartbeatMs = { min: 1_000, max: 60_000, default: 10_000 } as const;
/** Changes between two messages of a watch are merged. */
export const watchIntervalMs = { min: 50, max: 60_000, default: 200 } as const;
/** Entries taken from history at once for one watcher. */
export const watchEntriesMax = 1_000;
/** Jobs remembered as sent to one watcher; beyond it more ids than necessary are said to have left. */
export const watchRememberedMax = 100_000;
/** Jobs in one message of a watch. */
export const watchJobsPerMessageMax = 500;

/** What an installation may change. */
export interface ServerLimits {
  /** Largest message of a call; refused from its length, before it is decoded. */
  readonly messageBytesMax: number;
  /** Largest SubmitJobs: 1,000 jobs of 4 KiB. */
  readonly submitBytesMax: number;
  /** Longest walltime: one job must not hold nodes for longer than plans and maintenance look ahead. */
  readonly walltimeMsMax: number;
  /** Calls in flight on one connection; grpc-js has no limit of its own. */
  readonly streamsPerConnectionMax: number;
  /** Connections of one address: 300 mute ones would otherwise use up the descriptors. */
  readonly connectionsPerAddressMax: number;
  readonly connectionsMax: number;
  /** A connection that says nothing for this long after it opened is closed. */
  readonly firstByteMs: number;
  /** Header block of one call. */
  readonly metadataBytesMax: number;
  /** Pings to a silent client, and how long it may take to answer. */
  readonly keepaliveMs: number;
  readonly keepaliveTimeoutMs: number;
  /** A unary call that takes longer is ended, so that half-sent calls do not pile up. */
  readonly callMsMax: number;
  /** Open watches of one caller. */
  readonly watchesPerCallerMax: number;
  /** Calls in flight in the whole server; above it new ones are told to come back. */
  readonly callsInFlightMax: number;
  /** Jobs taken in and not yet durable, in all; above it submits are told to come back. */
  readonly jobsPendingMax: number;
  /** From the signal until open calls are cut off. */
  readonly shutdownGraceMs: number;
}

export const defaultServerLimits: ServerLimits = {
  messageBytesMax: 1_048_576,
  submitBytesMax: 4_194_304,
  walltimeMsMax: 30 * dayMs,
  streamsPerConnectionMax: 256,
  connectionsPerAddressMax: 64,
  connectionsMax: 2_000,
  firstByteMs: 2 * secondMs,
  metadataBytesMax: 16_384,
  keepaliveMs: 30 * secondMs,
  keepaliveTimeoutMs: 10 * secondMs,
  callMsMax: 30 * secondMs,
  watchesPerCallerMax: 16,
  callsInFlightMax: 10_000,
  jobsPendingMax: 200_000,
  shutdownGraceMs: 10 * secondMs,
};
