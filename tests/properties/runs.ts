import type { Parameters } from "fast-check";

/**
 * How many histories a test looks at and from which seed; a soak asks for more of both. In a short
 * run a failure is made smaller for half a minute at most.
 */
export function runs(
  count: number,
): Pick<Parameters, "seed" | "numRuns" | "interruptAfterTimeLimit"> {
  const seed = Number(process.env["ERTIS_SEED"] ?? "20260301");
  const soak = process.env["ERTIS_SOAK_RUNS"];
  return soak === undefined
    ? { seed, numRuns: count, interruptAfterTimeLimit: 30_000 }
    : { seed, numRuns: Number(soak) };
}
