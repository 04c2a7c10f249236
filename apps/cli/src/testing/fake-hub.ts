import {
  type CancelJobsRequest,
  CancelJobsResponse,
  type ExplainJobRequest,
  ExplainJobResponse,
  ExplanationReason,
  type GetJobRequest,
  type GetPowerTreeRequest,
  GetServerInfoResponse,
  Job,
  JobActionOutcome,
  type JobSpec,
  JobState,
  type ListAccountsRequest,
  ListAccountsResponse,
  ListJobsRequest,
  ListJobsResponse,
  type PlanJobRequest,
  PlanJobResponse,
  type SetAccountsRequest,
  SetAccountsResponse,
  type SubmitJobsRequest,
  type WatchJobsResponse,
  WatchPhase,
} from "@ertis/api";
import {
  type FakeMethods,
  type FakeServer,
  type FakeStream,
  startFakeServer,
} from "@ertis/client/testing";
import { curtailmentMethods, operatorMethods } from "./fake-operations.ts";
import { sampleAccounts } from "./sample-accounts.ts";
import { sampleJobs, toJob } from "./sample-jobs.ts";
import { sampleNowMs, samplePower } from "./sample-power.ts";

/** A hub in memory with the sample jobs and power tree, and one project for the caller. */
export interface FakeHub extends FakeServer {
  /** Specs submitted so far. */
  readonly submitted: readonly SubmitJobsRequest[];
}

const unknownJob = {
  code: "NOT_FOUND",
  message: "job is not known",
  reason: "UNKNOWN_JOB",
} as const;

function findJob(id: string): Job | undefined {
  return [...sampleJobs, ...sampleJobs.flatMap(toTasks)].find((job) => job.id === id);
}

/** The first tasks of an array, as the scheduler lists them one by one. */
function toTasks(job: Job): readonly Job[] {
  return job.spec?.array === undefined
    ? [job]
    : [0, 1].map((taskIndex) =>
        Job.fromPartial({ ...job, id: `${job.id}_${taskIndex}`, taskIndex }),
      );
}

function listJobs(request: ListJobsRequest): ListJobsResponse {
  const { states = [], jobIds = [], namePrefix = "" } = request.filter ?? {};
  const jobs = sampleJobs.filter(
    (job) =>
      (states.length === 0 || states.includes(job.state)) &&
      (jobIds.length === 0 || jobIds.includes(job.id)) &&
      (job.spec?.name ?? "").startsWith(namePrefix),
  );
  const shown = request.expandArrays ? jobs.flatMap(toTasks) : jobs;
  return ListJobsResponse.fromPartial({ jobs: shown });
}

function cancelJobs(request: CancelJobsRequest): CancelJobsResponse {
  const { jobIds = [], filter } = request.selector ?? {};
  const matching =
    filter === undefined ? [] : listJobs(ListJobsRequest.fromPartial({ filter })).jobs;
  const results = [...jobIds, ...matching.map(({ id }) => id)].map((jobId) => {
    const isEnded = findJob(jobId)?.state === JobState.SUCCEEDED;
    return isEnded
      ? {
          jobId,
          outcome: JobActionOutcome.REJECTED,
          state: JobState.SUCCEEDED,
          rejection: { reason: "ALREADY_FINISHED", message: "it ended", field: "" },
        }
      : { jobId, outcome: JobActionOutcome.DONE, state: JobState.CANCELLED };
  });
  return CancelJobsResponse.fromPartial({ results });
}

function missedByMs({ deadlineTimeMs = 0, walltimeMs = 0 }: Partial<JobSpec> = {}): number {
  return deadlineTimeMs === 0 ? 0 : Math.max(0, sampleNowMs + walltimeMs - deadlineTimeMs);
}

/** Jobs of more than 4,096 GPUs never fit, as on a small site. */
function submitJobs(request: SubmitJobsRequest, firstId: number): object {
  const results = request.items.map(({ spec }, index) => {
    const gpuCount = (spec?.nodeCount ?? 0) * (spec?.gpusPerNode ?? 0);
    return gpuCount > 4_096
      ? {
          outcome: {
            $case: "rejection",
            value: { reason: "NEVER_FITS", field: "", message: "too many", metadata: new Map() },
          },
          deadlineMissedByMs: 0,
        }
      : {
          outcome: { $case: "acceptedJobId", value: `${firstId + index}` },
          deadlineMissedByMs: missedByMs(spec),
        };
  });
  return { results, sequence: 7 };
}

/** A watched job goes through these states, then nothing more happens. */
function createWatch(states: readonly JobState[]): FakeStream {
  return (stream) => {
    for (const [index, state] of states.entries()) {
      const message: WatchJobsResponse = {
        phase: index === 0 ? WatchPhase.SYNCED : WatchPhase.CHANGES,
        resumeToken: `t${index}`,
        sequence: index,
        jobs: [toJob({ id: "2000", state, generation: index })],
        leftJobIds: [],
      };
      stream.write(message);
    }
  };
}

const accountMethods: FakeMethods["unary"] = {
  setAccounts: ({ accounts }: SetAccountsRequest) =>
    SetAccountsResponse.fromPartial({
      addedCount: accounts.length,
      sequence: 9,
      overQuota: accounts
        .filter(({ quota }) => quota?.borrowableGpuCount === 0)
        .map(({ id, quota }) => ({
          accountId: id,
          gpuUsedCount: 512,
          gpuMaxCount: quota?.guaranteedGpuCount ?? 0,
          waitingJobCount: 12,
          neverJobCount: 3,
        })),
    }),
  listAccounts: ({ parentId }: ListAccountsRequest) =>
    ListAccountsResponse.fromPartial({
      accounts: sampleAccounts.filter(({ account }) => (account?.id ?? "").startsWith(parentId)),
    }),
};

function planJob(request: PlanJobRequest): PlanJobResponse {
  return (request.spec?.nodeCount ?? 0) > 512
    ? PlanJobResponse.fromPartial({
        result: { $case: "refused", value: { reason: "NEVER_FITS", message: "too many" } },
      })
    : PlanJobResponse.fromPartial({
        result: {
          $case: "startNow",
          value: {
            site: "pavlodar-hub",
            computedAtTimeMs: sampleNowMs,
            startTimeMs: sampleNowMs,
            endsByTimeMs: sampleNowMs + (request.spec?.walltimeMs ?? 0),
          },
        },
      });
}

function toMethods(submitted: SubmitJobsRequest[], ends: readonly JobState[]): FakeMethods {
  return {
    unary: {
      getServerInfo: () =>
        GetServerInfoResponse.fromPartial({
          version: "0.1.0",
          nowTimeMs: sampleNowMs,
          caller: { name: "aigerim", roles: [1], projects: ["nlp"] },
          limits: { maxMessageBytes: 1_000_000, maxSubmitItemCount: 1_000 },
          sites: [
            {
              id: "pavlodar-hub",
              measuredClasses: [{ gpuModel: "H100-SXM", workloadClasses: ["bert", "gptj"] }],
            },
          ],
        }),
      submitJobs: (request: SubmitJobsRequest) => {
        submitted.push(request);
        return submitJobs(request, 2_000);
      },
      getJob: ({ jobId }: GetJobRequest) => {
        const job = findJob(jobId);
        return job === undefined ? unknownJob : { job, sequence: 1 };
      },
      listJobs,
      explainJob: ({ jobId }: ExplainJobRequest) =>
        ExplainJobResponse.fromPartial({
          jobId,
          explanation:
            findJob(jobId)?.endTimeMs === 0
              ? { reason: ExplanationReason.GPUS, summary: "too few free GPUs" }
              : { reason: ExplanationReason.FINISHED, summary: "it has ended" },
        }),
      planJob,
      cancelJobs,
      getPowerTree: ({ site }: GetPowerTreeRequest) =>
        site === "pavlodar-hub"
          ? {
              domains: samplePower.filter(({ id }) => id.startsWith("pavlodar")),
              nextPageToken: "",
              sequence: 1,
              siteRevision: "",
              computedAtTimeMs: sampleNowMs,
            }
          : { code: "NOT_FOUND", message: "no such site", reason: "UNKNOWN_SITE" },
      ...curtailmentMethods,
      ...accountMethods,
      ...operatorMethods,
    },
    streams: { watchJobs: createWatch(ends) },
  };
}

/** Starts it; a watched job goes through `ends`. */
export async function startFakeHub(ends: readonly JobState[] = []): Promise<FakeHub> {
  const submitted: SubmitJobsRequest[] = [];
  const server = await startFakeServer(toMethods(submitted, ends));
  return { ...server, submitted };
}
