/** What the process says to scripts when it ends; documented in docs/cli.md. */
export const exitCodes = {
  ok: 0,
  generic: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  conflict: 5,
  unavailable: 6,
  jobFailed: 7,
  refused: 8,
  targetMissed: 9,
  promiseBroken: 10,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** For the help: each code and its meaning. */
export const exitCodeMeanings: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [exitCodes.ok, "done"],
  [exitCodes.generic, "anything else went wrong"],
  [exitCodes.usage, "wrong flags, wrong file, wrong values"],
  [exitCodes.notFound, "no such job, node, domain, budget, curtailment or account"],
  [exitCodes.denied, "not allowed, or the token is not valid"],
  [exitCodes.conflict, "the present state does not allow it"],
  [exitCodes.unavailable, "the scheduler is out of reach or did not answer in time"],
  [exitCodes.jobFailed, "submit --wait: the job failed or was cancelled"],
  [
    exitCodes.refused,
    "refused: no room, quota, budget or rate, or a curtailment's target that is too low; simulate: every job, or an order of its events",
  ],
  [exitCodes.targetMissed, "curtail preview: it would not meet its target before it ends"],
  [exitCodes.promiseBroken, "simulate: a promise was broken"],
  [exitCodes.interrupted, "interrupted by Ctrl-C"],
];

/** Exit codes of refusals that say more than their gRPC code does. */
const byReason: ReadonlyMap<string, ExitCode> = new Map<string, ExitCode>([
  ["NEVER_FITS", exitCodes.refused],
  ["DEADLINE_IN_THE_PAST", exitCodes.usage],
  ["CAP_OUT_OF_RANGE", exitCodes.usage],
  ["TOO_MANY_JOBS", exitCodes.refused],
  ["TOO_MANY_BUDGETS", exitCodes.refused],
  ["REQUEST_ID_REUSED", exitCodes.conflict],
  ["NOT_PERMITTED", exitCodes.denied],
  ["UNKNOWN_PROJECT", exitCodes.notFound],
  ["UNKNOWN_JOB", exitCodes.notFound],
  ["UNKNOWN_NODE", exitCodes.notFound],
  ["UNKNOWN_DOMAIN", exitCodes.notFound],
  ["UNKNOWN_BUDGET", exitCodes.notFound],
  ["UNKNOWN_SITE", exitCodes.notFound],
  ["UNKNOWN_GPU_MODEL", exitCodes.notFound],
  ["UNKNOWN_DEPENDENCY", exitCodes.notFound],
  ["DEPENDENCY_NEVER_MET", exitCodes.conflict],
  ["ALREADY_FINISHED", exitCodes.conflict],
  ["NOT_HELD", exitCodes.conflict],
  ["NODE_NOT_LOST", exitCodes.conflict],
  ["QUOTA_EXCEEDED", exitCodes.refused],
  ["QUOTA_TOO_LARGE", exitCodes.refused],
  ["CURTAILMENT_BREAKS_FLOORS", exitCodes.refused],
  ["CURTAILMENT_ABOVE_RAMP", exitCodes.refused],
  ["TOO_MANY_CURTAILMENTS", exitCodes.refused],
  ["CURTAILMENT_TOO_SHORT", exitCodes.usage],
  ["CURTAILMENT_GIVES_UP_PROTECTED", exitCodes.usage],
  ["CURTAILMENT_IN_THE_PAST", exitCodes.conflict],
  ["CURTAILMENT_BEYOND_HORIZON", exitCodes.conflict],
  ["CURTAILMENT_OVERLAPS_ITSELF", exitCodes.conflict],
  ["CURTAILMENT_ABOVE_LIMIT", exitCodes.conflict],
  ["CURTAILMENT_BELOW_IDLE", exitCodes.refused],
  ["UNKNOWN_CURTAILMENT", exitCodes.notFound],
  ["CURTAILMENT_OVER", exitCodes.conflict],
  ["UNKNOWN_ACCOUNT", exitCodes.notFound],
]);

const byCode: ReadonlyMap<string, ExitCode> = new Map<string, ExitCode>([
  ["INVALID_ARGUMENT", exitCodes.usage],
  ["OUT_OF_RANGE", exitCodes.usage],
  ["NOT_FOUND", exitCodes.notFound],
  ["PERMISSION_DENIED", exitCodes.denied],
  ["UNAUTHENTICATED", exitCodes.denied],
  ["ALREADY_EXISTS", exitCodes.conflict],
  ["FAILED_PRECONDITION", exitCodes.conflict],
  ["ABORTED", exitCodes.conflict],
  ["UNAVAILABLE", exitCodes.unavailable],
  ["DEADLINE_EXCEEDED", exitCodes.unavailable],
  ["RESOURCE_EXHAUSTED", exitCodes.refused],
]);

/** The exit code of a failed call, by the server's reason where that says more. */
export function toExitCode(code: string, reason: string): ExitCode {
  return byReason.get(reason) ?? byCode.get(code) ?? exitCodes.generic;
}

/** The exit code of a refused item of a batch. Without a known reason the item itself was wrong. */
export function toRejectionExitCode(reason: string): ExitCode {
  return byReason.get(reason) ?? exitCodes.usage;
}
