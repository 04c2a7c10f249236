import { formatMilliseconds, formatWatts, milliseconds, toNumber, watts } from "@ertis/quantities";
import { everFits, gangNodesMax, highestCapEver, poolsFor } from "../../placement/capacity.ts";
import { curveOf, speedUnder } from "../../power/shedding/curves.ts";
import { dependencyState } from "../../state/dependencies.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { AcceptedRequest } from "../../state/request-ids.ts";
import type { Pool } from "../../state/site-state.ts";
import type { SubmitItem, SubmitJobs } from "../../words/command.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import type { Rejection } from "../../words/rejection.ts";
import type { Reply, SubmitResult } from "../../words/reply.ts";
import { type Deciding, rejected } from "../deciding.ts";

/** Takes what can be taken, item by item; a refused item leaves no trace. */
export function submitJobs(deciding: Deciding, command: SubmitJobs): Reply {
  const { state } = deciding;
  const { items } = command;
  const accepted: SubmitItem[] = [];
  const positions = items.length > 1 ? new Map<string, number>() : undefined;
  const results: SubmitResult[] = [];
  for (const item of items) {
    const known =
      state.requestIds.find(item.requestId) ??
      acceptedBefore(accepted, positions?.get(item.requestId), state.nextJob);
    if (known !== undefined) {
      results.push(repeated(item, known));
      continue;
    }
    const rejection = refusal(deciding, item.spec, accepted.length);
    if (rejection !== undefined) {
      results.push(rejection);
      continue;
    }
    results.push({ kind: "accepted", job: state.nextJob + accepted.length, isRepeat: false });
    positions?.set(item.requestId, accepted.length);
    accepted.push(item);
  }
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

/** The item of this very command that stands at a position, if any. */
function acceptedBefore(
  accepted: readonly SubmitItem[],
  position: number | undefined,
  firstJob: number,
): AcceptedRequest | undefined {
  const item = position === undefined ? undefined : accepted[position];
  return item === undefined || position === undefined
    ? undefined
    : { job: firstJob + position, bodyHash: item.bodyHash };
}

function repeated({ requestId, bodyHash }: SubmitItem, known: AcceptedRequest): SubmitResult {
  return known.bodyHash === bodyHash
    ? { kind: "accepted", job: known.job, isRepeat: true }
    : rejected(
        "request-id-reused",
        `request id ${requestId} already stands for another job; make a new id for a new job`,
      );
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
  return deadlinePassed(state, spec) ?? neverFits(deciding, spec) ?? capNobodyTakes(state, spec);
}

function deadlinePassed(state: EngineState, { deadline }: JobSpec): Rejection | undefined {
  const lateMs = deadline === undefined ? -1 : state.nowMs - toNumber(deadline);
  return lateMs < 0
    ? undefined
    : rejected(
        "deadline-in-the-past",
        lateMs === 0
          ? "deadline: it is now; name a later moment, or none"
          : `deadline: it was ${formatMilliseconds(milliseconds(lateMs))} ago; name a later moment, or none`,
      );
}

/** A least cap that no GPU it may get can be set to says nothing, and most likely not what was meant. */
function capNobodyTakes(state: EngineState, spec: JobSpec): Rejection | undefined {
  const capWatts = toNumber(spec.capMin);
  if (capWatts === 0) {
    return undefined;
  }
  const ranges = new Map<string, string>();
  for (const { gpuModel, gpuCap } of poolsFor(state, spec)) {
    if (gpuCap === undefined) {
      continue;
    }
    if (capWatts >= gpuCap.lowestWatts && capWatts <= gpuCap.highestWatts) {
      return undefined;
    }
    const [lowest, highest] = [watts(gpuCap.lowestWatts), watts(gpuCap.highestWatts)];
    ranges.set(gpuModel, `${gpuModel} ${formatWatts(lowest)} to ${formatWatts(highest)}`);
  }
  return ranges.size === 0
    ? undefined
    : rejected(
        "cap-out-of-range",
        `cap_min: ${formatWatts(spec.capMin)} is no cap of a GPU that the job may get; allowed are ${[...ranges.values()].join(", ")}, or none`,
      );
}

/**
 * A job that no site could ever run, even empty and at its full limit, is refused at the door. One
 * that bends may be as small and as slow as it says.
 */
export function neverFits(
  { state }: Pick<Deciding, "state">,
  spec: JobSpec,
): Rejection | undefined {
  for (const site of state.sites.values()) {
    if (spec.site !== "" && spec.site !== site.site.id) {
      continue;
    }
    for (const pool of site.pools) {
      if ((spec.gpuModel === "" || spec.gpuModel === pool.gpuModel) && everFits(pool, spec)) {
        return undefined;
      }
    }
  }
  return whyNeverFits(state, spec);
}

function whyNeverFits(state: EngineState, spec: JobSpec): Rejection {
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
  const { nodeCountMin, gpusPerNode } = spec;
  const most = Math.max(...pools.map((pool) => gangNodesMax(pool, gpusPerNode)));
  const atLeast = nodeCountMin < spec.nodeCount ? `at least ${nodeCountMin}` : `${nodeCountMin}`;
  return rejected(
    "never-fits",
    `gang: ${atLeast} nodes × ${gpusPerNode} GPUs never fit: within its limits the largest gang of ${gpusPerNode} GPUs a node has ${most} nodes; ask for fewer nodes or fewer GPUs a node${orCapped(pools, spec)}`,
  );
}

/** At which cap it would fit, where it is not allowed or not wanted that low. */
function orCapped(pools: readonly Pool[], spec: JobSpec): string {
  const { gpusPerNode, nodeCountMin: nodeCount } = spec;
  for (const pool of pools) {
    const curve = curveOf(pool, spec.workloadClass);
    const lowestWatts = curve?.points[0]?.capWatts;
    const capWatts =
      lowestWatts === undefined
        ? undefined
        : highestCapEver(pool, { gpusPerNode, nodeCount }, lowestWatts);
    if (capWatts === undefined) {
      continue;
    }
    const speed = speedUnder(curve, capWatts);
    const tier = ([10, 25, 50] as const).find((one) => 1 - one / 100 <= speed);
    const percent = Math.floor(speed * 100);
    const change =
      tier === undefined
        ? "which is slower than any flexibility tier allows"
        : `which a flexibility tier of ${tier} and a cap_min of at most ${capWatts} W allow`;
    return `; capped at ${capWatts} W a GPU (${percent} % of full speed) they would fit, ${change}`;
  }
  return "";
}
