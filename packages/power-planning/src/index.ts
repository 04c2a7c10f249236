// Numbers whose names end in `Scaled` are watts of a domain times the scale of that domain, a whole number that the caller
// chooses (in the engine `loadScale`) so that loads are exact though a watt at a node adds a fraction at a feed. A job's
// `scaledPerGpuWatt` is what one watt more on each of its GPUs adds at a domain above it, `roomScaled`, `usedScaled` and
// `freeScaled` are compared with sums of that. Numbers that end in `Watts` are watts of one GPU unless they say of what.
export { builtInCurves } from "./curves/built-in/index.ts";
export { checkCurve, type CheckedCurve } from "./curves/check-curve.ts";
export { countedWatts, type CapCurve, type CapPoint, type CountedWatts } from "./curves/curve.ts";
export { type CappedGpus, hardwareCurve } from "./curves/hardware-curve.ts";
export { HardwareCurves } from "./curves/hardware-curves.ts";
export {
  type BuiltInCurve,
  curveFor,
  type CurveOfClass,
  curvesOfModel,
  type ModelCurve,
} from "./curves/model-curve.ts";
export { drawAt, lowestCapFor, pointAt, pointWithin, speedAt } from "./curves/read-curve.ts";
export { lowestCapOf, lowestSafeCap, restrictShared } from "./curves/restrict.ts";
export { fillCaps, lowerCaps, raiseCaps } from "./filling/fill-caps.ts";
export type {
  CapChange,
  Filled,
  FilledCaps,
  FillJob,
  FillProblem,
  FloorsDoNotFit,
} from "./filling/fill-problem.ts";
export { type GangLevel, type GangSteps, levelsOf } from "./ramping/gang-levels.ts";
export {
  createRampBudget,
  forgetChanges,
  type RampBudget,
  type RampPath,
} from "./ramping/ramp-budget.ts";
export {
  type ChangeCause,
  isRoomFor,
  nextStepAtMs,
  type RampLedger,
  type RampRoom,
  type RampStep,
  recordJoined,
  recordStep,
  roomAt,
} from "./ramping/ramp-ledger.ts";
export { memoryMs, type RampLimit, stepWattsMax } from "./ramping/ramp-limit.ts";
export { createRampTally, type RampTally, tallyStep } from "./ramping/ramp-tally.ts";
export {
  type EndingGang,
  planWindDown,
  recordStop,
  type Stage,
  type WindDownTimes,
} from "./ramping/wind-down.ts";
export {
  defaultSteerSettings,
  type Measurement,
  type Presence,
  type SteerJob,
  type SteerSettings,
  type SteerTarget,
} from "./steering/plan.ts";
export { type SeenDraw, seenCurve, unseenHeld } from "./steering/corrected.ts";
export { learnedDraw, learnedSeen } from "./steering/seen-draw.ts";
export { missingByBounds } from "./steering/missing-by-bounds.ts";
export { startRoomWatts } from "./steering/start-room.ts";
export {
  marginKept,
  startSteering,
  steer,
  type SteerInput,
  type SteerState,
  type SteerStep,
} from "./steering/steer.ts";
export { floorsScaled, floorWatts } from "./shedding/floors.ts";
export { tightDomains } from "./shedding/narrow-problem.ts";
export {
  type KeptPlan,
  keptPlan,
  planShed,
  type TriedPlan,
  trySettled,
  tryShed,
} from "./shedding/plan-shed.ts";
export { roomForFloors } from "./shedding/refuse.ts";
export { possibilityOf } from "./shedding/can-keep-floors.ts";
export { powerOffIdle } from "./shedding/power-off-idle.ts";
export type {
  Floor,
  IdleNode,
  LongerEvent,
  Pause,
  ShedJob,
  SettledPlan,
  ShedPlan,
  ShedProblem,
  ShedRefusal,
  ShedResult,
} from "./shedding/shed-problem.ts";
export { planWidened, type WidenedPlan } from "./shedding/widen-floors.ts";
export { withoutFloor } from "./shedding/without-floor.ts";
export { workCounted } from "./shedding/work.ts";
export {
  type AccountClaim,
  type AccountProblem,
  checkAccounts,
  parentId,
} from "./sharing/check-accounts.ts";
export {
  guaranteeShare,
  type HoldingQuota,
  isBorrowed,
  isWithinGuarantee,
  type QuotaExcess,
  quotaExcess,
  type QuotaResource,
} from "./sharing/quota.ts";
export {
  addHolding,
  type Capacity,
  costMs,
  type Holding,
  lessHolding,
  noHolding,
  noUsage,
  type Usage,
  usageAt,
} from "./sharing/usage.ts";
export { type FreeDraw, highestMinuteWatts } from "./needs/highest-minute.ts";
export {
  type GangSeen,
  type GpuReading,
  neededCapWatts,
  seeGang,
  seenMostWatts,
} from "./needs/gang-need.ts";
