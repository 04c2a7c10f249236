export { type RecordedResource, unknownValue } from "./recorded-resource.ts";
export { recordStack, runStack, type RunStackOptions, type StackRecord } from "./run-stack.ts";
export {
  type FakeEngineResult,
  type FakeEngineRun,
  runWithFakeEngine,
} from "./run-with-fake-engine.ts";
