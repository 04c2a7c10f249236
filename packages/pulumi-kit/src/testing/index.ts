export { type RecordedResource, unknownValue } from "./recorded-resource.ts";
export { type RecordOptions, type StackRecord } from "./record-program.ts";
export { recordStack, runStack, type RunStackOptions } from "./run-stack.ts";
export {
  type FakeEngineResult,
  type FakeEngineRun,
  runWithFakeEngine,
} from "./run-with-fake-engine.ts";
