import {
  type Energy,
  energyOf,
  milliseconds,
  millijoules,
  toMillijoules,
  toNumber,
} from "@ertis/quantities";
import { isStartAllowed } from "../apply/jobs.ts";
import { findStart } from "../placement/find.ts";
import { refusal } from "../decide/submit.ts";
import type { EngineLimits } from "../limits.ts";
import type { EngineState } from "../state/engine-state.ts";
import { createJob, isEligible } from "../state/job.ts";
import type { JobSpec } from "../words/job-spec.ts";
import type { Rejection } from "../words/rejection.ts";
import { explain } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import { type NodePlacementView, placementView } from "./job-view.ts";
import { overQuota } from "./over-quota.ts";

/** What would become of a job if it were submitted now. No promise: the next command may change it. */
export type JobPlan =
  | {
      readonly kind: "start-now";
      readonly site: string;
      readonly gpuModel: string;
      /** Of an array those of its first task. */
      readonly nodes: readonly NodePlacementView[];
      readonly gpuCount: number;
      /** Of every GPU; 0: not capped. */
      readonly capWatts: number;
      /** Growth of the bounds of its nodes; of an array for one task. */
      readonly powerReservedWatts: number;
      /** Reserved watts × walltime; of an array for all tasks. */
      readonly energyUpperBound: Energy;
    }
  | { readonly kind: "waits"; readonly explanation: Explanation }
  | Rejection;

/**
 * A dry run of the rules themselves: what a submit refuses, then what a placement pass would find,
 * with everything kept that is kept for the jobs ahead. Changes nothing.
 */
export function planJob(
  state: EngineState,
  limits: EngineLimits,
  spec: JobSpec,
  owner: string,
): JobPlan {
  const refused = refusal({ state, limits }, spec, 0);
  if (refused !== undefined) {
    return refused;
  }
  const job = createJob(state.nextJob, owner, spec, state.nowMs);
  job.isReady = isStartAllowed(state, job);
  const start = isEligible(job) ? findStart(state, job, undefined) : undefined;
  if (start === undefined || overQuota(state, job) !== undefined) {
    return { kind: "waits", explanation: explain(state, job) };
  }
  const { placement } = start;
  const site = state.sites.get(placement.site);
  const energy = energyOf(placement.powerReserved, milliseconds(start.endsByMs - state.nowMs));
  return {
    kind: "start-now",
    site: placement.site,
    gpuModel: site?.nodePool[placement.nodes[0] ?? -1]?.gpuModel ?? "",
    nodes: placementView(state, placement),
    gpuCount: placement.nodes.length * spec.gpusPerNode,
    capWatts: placement.capWatts,
    powerReservedWatts: toNumber(placement.powerReserved),
    energyUpperBound: millijoules(toMillijoules(energy) * BigInt(spec.taskCount)),
  };
}
