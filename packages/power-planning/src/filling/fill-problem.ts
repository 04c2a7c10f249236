import type { CapCurve, CountedWatts } from "../curves/curve.ts";

/** One running gang: every GPU of it has the same cap, because the slowest sets its pace. */
export interface FillJob {
  /** Not read by the filling, whose weight and loads are those of the whole job. */
  readonly gpuCount: number;
  /** What full speed of the whole job is worth: a priority's worth times its GPUs, or a contract's. */
  readonly weight: number;
  readonly curve: CapCurve;
  /** Never below it, nor below the lowest safe cap or the curve's first; the curve's last is the most. */
  readonly floorCapWatts: number;
  /** Positions of the domains above its nodes, each once. */
  readonly domains: Int32Array;
  /** Beside `domains`: how much its load there grows when every GPU of the gang counts one watt more. */
  readonly scaledPerGpuWatt: Float64Array;
}

export interface FillProblem {
  readonly jobs: readonly FillJob[];
  /** By domain, scaled (`index.ts` of the package says how): for all these jobs together, floors included. */
  readonly roomScaled: Float64Array;
  readonly counts: CountedWatts;
  /** Caps are multiples of it, or a job's floor, or its highest cap. */
  readonly capStepWatts: number;
}

/** A change to the caps of some jobs, for example those of one subtree, while all others stay. */
export interface CapChange {
  readonly jobs: readonly FillJob[];
  /** Beside `jobs`: the caps they have. */
  readonly capNowWatts: Float64Array;
  /** By domain: what is free there now; negative: how much too much is in use. */
  readonly freeScaled: Float64Array;
  readonly counts: CountedWatts;
  readonly capStepWatts: number;
}

export type Filled = FilledCaps | FloorsDoNotFit;

export interface FilledCaps {
  readonly kind: "filled";
  /** Beside the jobs. */
  readonly capWatts: Float64Array;
  /** By domain: the load of these jobs. */
  readonly usedScaled: Float64Array;
}

/** The domain with the most missing, and how much more room the floors need there. */
export interface FloorsDoNotFit {
  readonly kind: "floors-do-not-fit";
  readonly domain: number;
  readonly missingScaled: number;
}
