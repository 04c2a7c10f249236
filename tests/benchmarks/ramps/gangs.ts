import { watts } from "@ertis/quantities";
import type { Account } from "@ertis/scheduler-engine";
import type { SimulatedJob } from "@ertis/simulator";
import { gangCount, gpusPerNode, nodesPerGang } from "./site.ts";

const roundCount = 10;
const roundSeconds = 57 * 60;
const startMs = 1_767_225_600_000;
const hourMs = 3_600_000;

/** Does a round end when its work is done, or at the walltime that was known from its start? */
export type RoundEnd = "work-done" | "walltime";

/** A gang is a project whose quota is its nodes: of its ten rounds one runs at a time. */
export const gangAccounts: readonly Account[] = Array.from({ length: gangCount }, (_, gang) => ({
  id: gangName(gang),
  weight: 1,
  quota: {
    guaranteedGpuCount: nodesPerGang * gpusPerNode,
    guaranteed: watts(0),
    borrowableGpuCount: 0,
  },
}));

function gangName(gang: number): string {
  return `gang-${gang + 1}`;
}

/** 57 minutes ± 50 % at full power, evenly, in whole seconds; all rounds are in the queue from the start. */
export function drawRounds(random: () => number, end: RoundEnd): readonly SimulatedJob[] {
  const jobs: SimulatedJob[] = [];
  for (let round = 0; round < roundCount; round += 1) {
    for (let gang = 0; gang < gangCount; gang += 1) {
      const lengthMs = Math.round(roundSeconds * (0.5 + random())) * 1_000;
      jobs.push(roundOf(jobs.length, gang, lengthMs, end));
    }
  }
  return jobs;
}

function roundOf(index: number, gang: number, lengthMs: number, end: RoundEnd): SimulatedJob {
  // Beside a known end the program would go on; beside a surprise the walltime is far away.
  const durationMs = end === "walltime" ? lengthMs + hourMs : lengthMs;
  const walltimeMs = end === "walltime" ? lengthMs : 2 * lengthMs;
  return {
    line: index + 1,
    submittedAtMs: startMs,
    durationMs,
    gpuCount: nodesPerGang * gpusPerNode,
    owner: gangName(gang),
    index,
    name: `round-${index + 1}`,
    nodeCount: nodesPerGang,
    nodeCountMin: nodesPerGang,
    gpusPerNode,
    gpuModel: "H100-SXM-80GB",
    walltimeMs,
    walltimeMinMs: walltimeMs,
    flexibilityTier: 50,
    workloadClass: "gang",
    capMinWatts: 0,
    priorityClass: "normal",
    isPreemptible: false,
    deadlineAtMs: undefined,
    checkpoint: undefined,
  };
}
