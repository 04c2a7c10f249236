import { builtInCurves } from "../curves/built-in/index.ts";
import type { CapCurve } from "../curves/curve.ts";
import { curveFor } from "../curves/model-curve.ts";
import { lowestCapFor } from "../curves/read-curve.ts";
import type { ShedJob, ShedProblem } from "./shed-problem.ts";

const minuteMs = 60_000;

/** The curve of a workload on A100, from 200 W up unless said otherwise. */
export function a100(workload: string, lowestWatts = 200): CapCurve {
  const found = curveFor(builtInCurves, "A100-SXM", workload);
  return { points: (found?.points ?? []).filter((point) => point.capWatts >= lowestWatts) };
}

/** Eight GPUs of one node in domain 0, tier 50 %, that can pause. */
export function shedJob(id: number, changes: Partial<ShedJob> = {}): ShedJob {
  const curve = changes.curve ?? a100("ft_llama_8b_p3");
  const tierLossMax = changes.tierLossMax ?? 0.5;
  const gpuCount = changes.gpuCount ?? 8;
  const lowest = curve.points[0]?.capWatts ?? 0;
  return {
    id,
    gpuCount,
    weight: gpuCount,
    curve,
    floorCapWatts: Math.max(lowest, lowestCapFor(curve, 1 - tierLossMax)),
    domains: Int32Array.of(0),
    scaledPerGpuWatt: Float64Array.of(gpuCount),
    capNowWatts: 400,
    tierLossMax,
    isProtected: false,
    canPause: true,
    isPausedNow: false,
    saveMs: 2 * minuteMs,
    restoreMs: 3 * minuteMs,
    idleWatts: 55,
    nodeCount: Math.ceil(gpuCount / 8),
    nodeCountMin: Math.ceil(gpuCount / 8),
    lossMsSoFar: 0,
    ...changes,
  };
}

/** Three hours, announced an hour ahead. */
export function shedProblem(
  jobs: readonly ShedJob[],
  roomWatts: number,
  changes: Partial<ShedProblem> = {},
): ShedProblem {
  return {
    jobs,
    idleNodes: [],
    roomScaled: Float64Array.of(roomWatts),
    eventMs: 180 * minuteMs,
    elapsedMs: 0,
    noticeMs: 60 * minuteMs,
    counts: "draw",
    capStepWatts: 5,
    floors: "kept",
    ...changes,
  };
}
