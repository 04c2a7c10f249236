/**
 * How many histories a test looks at and from which seed; a soak asks for more of both. A failure
 * prints seed and path; making it smaller may take some minutes.
 */
export function runs(count: number): { readonly seed: number; readonly numRuns: number } {
  const seed = Number(process.env["ERTIS_SEED"] ?? "20260301");
  const numRuns = Number(process.env["ERTIS_SOAK_RUNS"] ?? String(count));
  return { seed, numRuns };
}
