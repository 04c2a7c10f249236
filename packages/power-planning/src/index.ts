export type { CapCurve, CapPoint } from "./curves/curve.ts";
export {
  type GangLevel,
  type GangSteps,
  highestLevel,
  levelsOf,
  lowestLevel,
} from "./ramping/gang-levels.ts";
export {
  createRampBudget,
  forgetChanges,
  nextChangeAtMs,
  type RampBudget,
  type RampPath,
  recordChange,
  roomOnPath,
} from "./ramping/ramp-budget.ts";
export {
  changeAt,
  type ChangeCause,
  createRampLedger,
  forgetSteps,
  nextStepAtMs,
  type RampLedger,
  type RampRoom,
  type RampStep,
  recordStep,
  roomAt,
} from "./ramping/ramp-ledger.ts";
export { memoryMs, type RampLimit, stepWattsMax } from "./ramping/ramp-limit.ts";
export { type RampReport, reportRamp, steepestAhead } from "./ramping/ramp-report.ts";
export {
  floorLevel,
  riseNow,
  type RisingGang,
  type Stage,
  stageStarts,
} from "./ramping/stage-starts.ts";
export {
  type EndingGang,
  fallNow,
  planWindDown,
  type WindDown,
  type WindDownTimes,
} from "./ramping/wind-down.ts";
