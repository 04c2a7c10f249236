import { setFlagsFromString } from "node:v8";

/**
 * Lets the garbage collector judge typed arrays and buffers by the size of the whole heap. Without it a
 * full collection begins whenever they have grown by 64 MB, however much is in memory: with four million
 * jobs that was half of the server's processor time (docs/benchmarks.md). A V8 without this option says
 * so on standard error and goes on.
 */
export function tuneCollector(): void {
  setFlagsFromString("--external-memory-accounted-in-global-limit");
}
