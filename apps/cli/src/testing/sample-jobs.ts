import {
  Attempt,
  AttemptOutcome,
  FailureCategory,
  Job,
  JobSpec,
  JobState,
  type TaskCounts,
} from "@ertis/api";
import { sampleNowMs } from "./sample-power.ts";

const minuteMs = 60_000;

type JobFacts = Partial<Omit<Job, "spec">> & {
  readonly id: string;
  readonly spec?: Partial<JobSpec>;
};

/** A job with the facts that a test cares for. */
export function toJob(facts: JobFacts): Job {
  const { spec, ...rest } = facts;
  return Job.fromPartial({
    owner: "aigerim",
    state: JobState.QUEUED,
    submitTimeMs: sampleNowMs - 30 * minuteMs,
    generation: 1,
    ...rest,
    spec: JobSpec.fromPartial({
      project: "nlp",
      name: "train",
      nodeCount: 1,
      gpusPerNode: 8,
      walltimeMs: 120 * minuteMs,
      ...spec,
    }),
  });
}

const noTasks: TaskCounts = {
  heldCount: 0,
  waitingCount: 0,
  queuedCount: 0,
  startingCount: 0,
  runningCount: 0,
  stoppingCount: 0,
  succeededCount: 0,
  failedCount: 0,
  cancelledCount: 0,
};

const running = Attempt.fromPartial({
  number: 1,
  site: "pavlodar-hub",
  nodes: [
    {
      nodeId: "pavlodar-hub/substation-1/hall-1/row-01/rack-01/node-1",
      gpuIndices: [0, 1, 2, 3, 4, 5, 6, 7],
    },
  ],
  placedTimeMs: sampleNowMs - 21 * minuteMs,
  startTimeMs: sampleNowMs - 20 * minuteMs,
  endsByTimeMs: sampleNowMs + 100 * minuteMs,
  powerReservedWatts: 7_400,
});

/** One job of each state, newest first. */
export const sampleJobs: readonly Job[] = [
  toJob({
    id: "1010",
    state: JobState.QUEUED,
    spec: { name: "llm-kazakh-70b-pretraining", nodeCount: 64, gpuModel: "H100-SXM-80GB" },
  }),
  toJob({
    id: "1009",
    owner: "d.akhmetov",
    state: JobState.RUNNING,
    startTimeMs: sampleNowMs - 20 * minuteMs,
    spec: {
      name: "sweep",
      project: "vision",
      gpusPerNode: 1,
      array: { taskCount: 1_000, throttle: 10 },
    },
    taskCounts: {
      ...noTasks,
      queuedCount: 870,
      runningCount: 10,
      succeededCount: 118,
      failedCount: 2,
    },
  }),
  toJob({ id: "1008", state: JobState.HELD, spec: { name: "later", held: true } }),
  toJob({ id: "1007", state: JobState.WAITING, stateReason: "DEPENDENCY", spec: { name: "eval" } }),
  toJob({
    id: "1006",
    state: JobState.STARTING,
    attempts: [{ ...running, startTimeMs: 0, endsByTimeMs: 0 }],
  }),
  toJob({
    id: "1005",
    state: JobState.RUNNING,
    startTimeMs: sampleNowMs - 20 * minuteMs,
    attempts: [running],
    attemptCount: 1,
    energyJoules: 8_880_000n,
  }),
  toJob({
    id: "1004",
    state: JobState.STOPPING,
    startTimeMs: sampleNowMs - 20 * minuteMs,
    attempts: [running],
  }),
  toJob({
    id: "1003",
    state: JobState.SUCCEEDED,
    startTimeMs: sampleNowMs - 200 * minuteMs,
    endTimeMs: sampleNowMs - 50 * minuteMs,
  }),
  toJob({
    id: "1002",
    state: JobState.FAILED,
    stateReason: "APPLICATION",
    startTimeMs: sampleNowMs - 300 * minuteMs,
    endTimeMs: sampleNowMs - 299 * minuteMs,
    attempts: [
      {
        ...running,
        endTimeMs: sampleNowMs - 299 * minuteMs,
        startTimeMs: sampleNowMs - 300 * minuteMs,
        outcome: AttemptOutcome.FAILED,
        failureCategory: FailureCategory.APPLICATION,
        exitCode: 137,
        message: "out of memory",
      },
    ],
    attemptCount: 1,
  }),
  toJob({
    id: "1001",
    state: JobState.CANCELLED,
    stateReason: "CANCELLED",
    endTimeMs: sampleNowMs - 400 * minuteMs,
  }),
];
