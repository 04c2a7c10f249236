import { gangNodesMax, poolsFor } from "../placement/capacity.ts";
import { dependencyState } from "../state/dependencies.ts";
import type { SubmitItem, SubmitJobs } from "../words/command.ts";
import type { JobSpec } from "../words/job-spec.ts";
import type { Rejection } from "../words/rejection.ts";
import type { Reply, SubmitResult } from "../words/reply.ts";
import { type Deciding, rejected } from "./deciding.ts";

/** Takes what can be taken, item by item; a refused item leaves no trace. */
export function submitJobs(deciding: Deciding, command: SubmitJobs): Reply {
  const { state } = deciding;
  const accepted: SubmitItem[] = [];
  const inThisBatch = new Map<string, SubmitItem & { readonly job: number }>();
  const results = command.items.map((item): SubmitResult => {
    const known = state.requestIds.find(item.requestId) ?? inThisBatch.get(item.requestId);
    if (known !== undefined) {
      return known.bodyHash === item.bodyHash
        ? { kind: "accepted", job: known.job, isRepeat: true }
        : rejected(
            "request-id-reused",
            `request id ${item.requestId} already stands for another job; make a new id for a new job`,
          );
    }
    const rejection = refusal(deciding, item.spec, accepted.length);
    if (rejection !== undefined) {
      return rejection;
    }
    const job = state.nextJob + accepted.length;
    accepted.push(item);
    inThisBatch.set(item.requestId, { ...item, job });
    return { kind: "accepted", job, isRepeat: false };
  });
  if (accepted.length > 0) {
    deciding.emit({
      kind: "jobs-submitted",
      owner: command.owner,
      firstJob: state.nextJob,
      items: accepted,
    });
  }
  return { kind: "submitted", results };
}

/** Why a job would not be taken at all, or undefined. Also asked by a dry run. */
export function refusal(
  deciding: Pick<Deciding, "state" | "limits">,
  spec: JobSpec,
  acceptedCount: number,
): Rejection | undefined {
  const { state, limits } = deciding;
  if (state.unfinishedCount + acceptedCount >= limits.jobsUnfinishedMax) {
    return rejected(
      "too-many-jobs",
      `${state.unfinishedCount} jobs are not finished and at most ${limits.jobsUnfinishedMax} are allowed; wait for some to end, or use an array, which counts once`,
    );
  }
  for (const dependency of spec.dependencies) {
    if (state.jobs.get(dependency.job) === undefined) {
      return rejected(
        "unknown-dependency",
        `dependencies: job ${dependency.job} is not known (any more); name a job that exists`,
      );
    }
    if (dependencyState(state, dependency) === "never") {
      return rejected(
        "dependency-never-met",
        `dependencies: job ${dependency.job} has ended and ${dependency.condition} can never come true`,
      );
    }
  }
  return neverFits(deciding, spec);
}

/** A job that no site could ever run, even empty and at its full limit, is refused at the door. */
export function neverFits(
  { state }: Pick<Deciding, "state">,
  spec: JobSpec,
): Rejection | undefined {
  if (spec.site !== "" && !state.sites.has(spec.site)) {
    const names = [...state.sites.keys()].join(", ");
    return rejected("unknown-site", `site: "${spec.site}" is not known; known are ${names}`);
  }
  const pools = poolsFor(state, spec);
  if (pools.length === 0) {
    const models = new Set(
      [...state.sites.values()].flatMap((site) => site.pools.map((pool) => pool.gpuModel)),
    );
    return rejected(
      "unknown-gpu-model",
      `gpu_model: no node of ${spec.site === "" ? "any site" : spec.site} has "${spec.gpuModel}"; known are ${[...models].join(", ")}`,
    );
  }
  let most = 0;
  for (const pool of pools) {
    most = Math.max(most, gangNodesMax(pool, spec.gpusPerNode));
  }
  if (most >= spec.nodeCount) {
    return undefined;
  }
  return rejected(
    "never-fits",
    `gang: ${spec.nodeCount} nodes × ${spec.gpusPerNode} GPUs never fit: within its limits the largest gang of ${spec.gpusPerNode} GPUs a node has ${most} nodes; ask for fewer nodes or fewer GPUs a node`,
  );
}
