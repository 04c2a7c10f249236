export { forkStream, type RandomStream } from "./chance/random-stream.ts";
export { Emergencies } from "./check/emergencies.ts";
export { largestStepWatts, type RampRule, steepestAfter } from "./check/ramp-gauge.ts";
export { type Property, type Violation } from "./check/violation.ts";
export { Promises, type PromiseScore } from "./check/promises.ts";
export type { PlantAttempt } from "./plant/plant-attempt.ts";
export { exactPlant, type PlantRules, roughPlant, usualPlant } from "./plant/plant-rules.ts";
export {
  plantSettings,
  type PlantSetting,
  setPlant,
  type SetPlant,
} from "./plant/plant-settings.ts";
export { type FeedWatts, feedWattsOf } from "./run/feed-watts.ts";
export { openSite, type OpenedSite } from "./run/open-site.ts";
export { type RunProgress, Simulation } from "./run/simulation.ts";
export type { SimulationInput } from "./run/simulation-input.ts";
export {
  defaultDrawRules,
  drawJobs,
  type DrawRules,
  type SimulatedJob,
} from "./scenario/draw-jobs.ts";
export { type ReadScenario } from "./scenario/read-scenario.ts";
export type { ScenarioEvent } from "./scenario/scenario-event.ts";
export { scaleTrace, type TraceScale } from "./scenario/scale-trace.ts";
export { readTrace } from "./traces/read-trace.ts";
export type {
  FlexibilityTier,
  ReadTrace,
  TraceForm,
  TraceJob,
  TraceProblem,
} from "./traces/trace-job.ts";
export { type Outcome, outcomeOf, type OutcomeWords } from "./report/outcome.ts";
export { notAskedForText, type RefusedInRun } from "./report/ending.ts";
export { renderComparison, renderTable } from "./report/render-table.ts";
export { renderPage } from "./report/html/render-page.ts";
export { type ExampleFiles, exampleFiles, type Scenario, scenarios } from "./run/examples.ts";
export {
  prepare,
  type PreparedSimulation,
  type SimulationRequest,
  type TextFile,
} from "./run/prepare.ts";
