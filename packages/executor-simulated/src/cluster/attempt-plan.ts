import type { AttemptKey, AttemptOutcome, Workload } from "@ertis/scheduler-engine";
import type { Physics } from "./physics.ts";
import { forkStream, wordOf } from "./random-stream.ts";

/** Environment of a workload that tells the simulated cluster how long the attempt runs. */
export const runtimeDirective = "ERTIS_SIM_RUNTIME_MS";
/** And how it ends: `succeeded` or `failed:CODE` with a code from 1 to 255. */
export const outcomeDirective = "ERTIS_SIM_OUTCOME";
/** Ten years: longer runtimes are a mistake in a trace. */
const runtimeMsMax = 10 * 366 * 86_400_000;
/** `EX_USAGE` of sysexits.h. */
const usageExitCode = 64;

/** Everything an attempt will do, known before it starts: a function of seed, name and wish. */
export interface AttemptPlan {
  readonly startDelayMs: number;
  /** At full speed. */
  readonly runtimeMs: number;
  readonly outcome: AttemptOutcome;
  /** Ends at the moment it would have begun to run. */
  readonly isStartFailure: boolean;
  /** From SIGTERM to the end; undefined: only SIGKILL ends it. */
  readonly termExitMs: number | undefined;
  readonly drawPermille: number;
  /** Word that the noise of its draw is made of. */
  readonly noiseLane: number;
}

interface Directives {
  readonly runtimeMs: number | undefined;
  readonly outcome: AttemptOutcome | undefined;
  readonly isReadable: boolean;
}

function parseRuntime(text: string | undefined): number | undefined {
  const runtimeMs = text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  return runtimeMs !== undefined && runtimeMs <= runtimeMsMax ? runtimeMs : undefined;
}

function parseOutcome(text: string | undefined): AttemptOutcome | undefined {
  if (text === "succeeded") {
    return { kind: "succeeded" };
  }
  const code = Number(/^failed:(\d{1,3})$/.exec(text ?? "")?.[1] ?? Number.NaN);
  return code >= 1 && code <= 255
    ? { kind: "failed", category: "application", exitCode: code }
    : undefined;
}

function parseDirectives(environment: Readonly<Record<string, string>>): Directives {
  const runtimeText = environment[runtimeDirective];
  const outcomeText = environment[outcomeDirective];
  const runtimeMs = parseRuntime(runtimeText);
  const outcome = parseOutcome(outcomeText);
  return {
    runtimeMs,
    outcome,
    isReadable:
      (runtimeText === undefined || runtimeMs !== undefined) &&
      (outcomeText === undefined || outcome !== undefined),
  };
}

/**
 * A workload without what no simulated cluster looks at: images and scripts are not run, and can be
 * large. Of the environment the directives stay.
 */
export function bareWorkload(environment: Readonly<Record<string, string>>): Workload {
  const directives: Record<string, string> = {};
  for (const name of [runtimeDirective, outcomeDirective]) {
    const value = environment[name];
    if (value !== undefined) {
      directives[name] = value;
    }
  }
  return {
    image: "",
    command: [],
    args: [],
    script: "",
    environment: directives,
    workingDirectory: "",
  };
}

/**
 * Plans an attempt. Each question has its own stream, forked by the attempt's name, so the answer
 * depends neither on when the wish arrived nor on what else runs. An unreadable directive fails the
 * start with exit code 64 instead of running something nobody asked for.
 */
export function planAttempt(
  seed: number,
  physics: Physics,
  key: AttemptKey,
  wish: {
    /** Full-speed time granted. */
    readonly workMs: number;
    /** Done by earlier attempts and kept: no part of the work above. */
    readonly workDoneMs: number;
    readonly environment: Readonly<Record<string, string>>;
  },
): AttemptPlan {
  const stream = (name: string) => forkStream(seed, name, key.job, key.task, key.attempt);
  const directives = parseDirectives(wish.environment);
  const isStartFailure =
    !directives.isReadable ||
    (directives.outcome === undefined && stream("start-failure").happens(physics.startFailure));
  const permille = stream("runtime").within(physics.runtimePermille);
  const failure = stream("outcome");
  const seededOutcome: AttemptOutcome = failure.happens(physics.applicationFailure)
    ? { kind: "failed", category: "application", exitCode: failure.within({ min: 1, max: 127 }) }
    : { kind: "succeeded" };
  const exitCode = directives.isReadable ? 0 : usageExitCode;
  return {
    startDelayMs: stream("start-delay").within(physics.startDelayMs),
    runtimeMs:
      directives.runtimeMs === undefined
        ? Math.floor((wish.workMs * permille) / 1000)
        : Math.max(0, directives.runtimeMs - wish.workDoneMs),
    outcome: isStartFailure
      ? { kind: "failed", category: "start", exitCode }
      : (directives.outcome ?? seededOutcome),
    isStartFailure,
    termExitMs: stream("term-ignored").happens(physics.termIgnored)
      ? undefined
      : stream("term-exit").within(physics.termExitMs),
    drawPermille: stream("draw").within(physics.drawPermille),
    noiseLane: wordOf(seed, "noise", key.job, key.task, key.attempt),
  };
}
