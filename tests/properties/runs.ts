import * as fc from "fast-check";

const isSoak = process.env["ERTIS_SOAK"] === "1";
/** A soak looks at so many times more histories. */
const soakFactor = 20;
/** The rest of `npm test` waits meanwhile. */
const limitMs = 90_000;

/**
 * How many histories a test looks at and from which seed. `npm test` looks at few, and makes one that
 * fails smaller for a minute or so only: the seed and path that are printed show it in any size. A soak
 * looks at more (`ERTIS_SOAK_RUNS` says how many), also from another seed, and takes its time.
 */
export function runs(count: number): fc.Parameters<unknown> {
  const seed = Number(process.env["ERTIS_SEED"] ?? "20260301");
  const soakCount = Number(process.env["ERTIS_SOAK_RUNS"] ?? String(count * soakFactor));
  return isSoak
    ? { seed, numRuns: soakCount }
    : { seed, numRuns: count, plugins: [fc.interruptAfterTimeLimit(limitMs, failOnInterrupt)] };
}

/** Else a slow machine would look at fewer histories and call that a pass. */
const failOnInterrupt = { failOnInterrupt: true };
