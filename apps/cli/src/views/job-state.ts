import { JobState, jobStateToJSON } from "@ertis/api";
import { showEnum } from "../output/format.ts";
import type { Cell } from "../output/table.ts";
import type { Tone } from "../terminal/style.ts";

interface Look {
  readonly symbol: string;
  readonly ascii: string;
  readonly tone: Tone;
}

const looks: ReadonlyMap<number, Look> = new Map<number, Look>([
  [JobState.HELD, { symbol: "‖", ascii: "=", tone: "warn" }],
  [JobState.WAITING, { symbol: "◌", ascii: "~", tone: "dim" }],
  [JobState.QUEUED, { symbol: "○", ascii: "o", tone: "warn" }],
  [JobState.STARTING, { symbol: "◔", ascii: "^", tone: "busy" }],
  [JobState.RUNNING, { symbol: "●", ascii: "*", tone: "busy" }],
  [JobState.STOPPING, { symbol: "◕", ascii: "v", tone: "warn" }],
  [JobState.SUCCEEDED, { symbol: "✓", ascii: "+", tone: "good" }],
  [JobState.FAILED, { symbol: "✗", ascii: "x", tone: "bad" }],
  [JobState.CANCELLED, { symbol: "⊘", ascii: "-", tone: "dim" }],
]);

const prefix = "JOB_STATE_";

/** `running`. */
export function showJobState(state: JobState): string {
  return showEnum(state, jobStateToJSON, prefix);
}

/** `● running`. */
export function toStateCell(state: JobState, isUnicode: boolean): Cell {
  const look = looks.get(state);
  const word = showJobState(state);
  if (look === undefined) {
    return { text: word };
  }
  return { text: `${isUnicode ? look.symbol : look.ascii} ${word}`, tone: look.tone };
}

/** Codes whose words alone would not say what is meant. */
const reasonWords: ReadonlyMap<string, string> = new Map([
  ["ARRAY_THROTTLE", "the array's own throttle lets no more tasks start"],
  ["CURTAILMENT", "paused to save watts"],
  ["DEPENDENCY", "for the jobs it depends on"],
  ["BEGIN_TIME", "for its begin time"],
  ["APPLICATION", "the program failed"],
  ["WALLTIME", "its walltime was over"],
  ["START", "the program never began"],
  ["NODE", "a node failed"],
  ["PREEMPTION", "stopped to make room"],
]);

/** Why a job is in its state, in words; empty when the state says it already. */
export function showStateReason(job: {
  readonly state: JobState;
  readonly stateReason: string;
}): string {
  const { state, stateReason } = job;
  const words = reasonWords.get(stateReason) ?? stateReason.toLowerCase().replaceAll("_", " ");
  return words === showJobState(state) ? "" : words;
}

/** States that nothing changes any more. */
const finalStates: readonly JobState[] = [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED];

export function isFinal(state: JobState): boolean {
  return finalStates.includes(state);
}

/** States of jobs that have not ended. */
export const activeStates: readonly JobState[] = [
  JobState.HELD,
  JobState.WAITING,
  JobState.QUEUED,
  JobState.STARTING,
  JobState.RUNNING,
  JobState.STOPPING,
];

/** All states by the word a person types. */
export const statesByWord: ReadonlyMap<string, JobState> = new Map(
  [...activeStates, ...finalStates].map((state) => [showJobState(state), state]),
);
