import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteEventLog } from "@ertis/event-log";
import { decodeEntry } from "@ertis/scheduler-engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLog } from "./read-log.ts";
import type { ReplayReport } from "./report.ts";
import { runReplay } from "./run.ts";
import { reportTable } from "./table.ts";
import { loadSmall } from "./traces.ts";

const base = mkdtempSync(join(tmpdir(), "ertis-replay-test-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Enough to fill the site up to its watts. */
const jobCount = 200;

async function runSmall(directory: string, seed: number): Promise<ReplayReport> {
  return runReplay({
    scene: loadSmall(),
    seed,
    jobsMax: jobCount,
    directory,
    isRecoveryMeasured: false,
    command: "npm run replay",
    onProgress: () => {},
    onStage: () => {},
  });
}

function newDirectory(): string {
  return mkdtempSync(join(base, "run-"));
}

describe("a replay of the small trace through a server process and its log", () => {
  const directory = newDirectory();
  let reports: readonly ReplayReport[] = [];
  beforeAll(async () => {
    reports = await Promise.all([
      runSmall(directory, 1),
      runSmall(newDirectory(), 1),
      runSmall(newDirectory(), 2),
    ]);
  });

  it("loses nothing, finishes everything and breaks no promise", () => {
    expect(reports).toHaveLength(3);
    for (const { outcome, cost } of reports) {
      expect(outcome).toMatchObject({
        submittedCount: jobCount,
        acknowledgedCount: jobCount,
        refusals: [],
        lostCount: 0,
        violations: [],
        violationCount: 0,
        figures: { jobCount, unfinishedCount: 0 },
      });
      expect(cost.warningCount).toBe(0);
      // Only by the seeded exit codes: no walltime was too short, no start went wrong.
      expect(Object.keys(outcome.figures.failedByCategory)).toEqual(["application"]);
      expect(outcome.figures.boundedSlowdown.max).toBeGreaterThan(1);
    }
  });

  it("gives the same table for the same seed, another one for another", () => {
    const [first, second, other] = reports;
    expect(first?.outcome).toBeDefined();
    expect(second?.outcome).toEqual(first?.outcome);
    expect(other?.outcome.figures).not.toEqual(first?.outcome.figures);
  });

  it("ran out of watts before it ran out of GPUs", async () => {
    const { peaks } = await readLog(directory);
    const feed = peaks.find((peak) => peak.kind === "feed");
    const budgetWatts = feed?.budgetWatts ?? 0;
    expect(budgetWatts).toBe(90_000);
    expect(feed?.peakWatts).toBeLessThanOrEqual(budgetWatts);
    // One more GPU, with its share of cooling, would not fit.
    expect(feed?.peakWatts).toBeGreaterThan(budgetWatts - 2 * 642 * 1.25);
    // All 96 GPUs would need 109 kW there.
    expect(budgetWatts).toBeLessThan(109_000 * 0.85);
  });

  it("finds a violation in a log from which one entry was taken", async () => {
    const damaged = newDirectory();
    const from = await openSqliteEventLog({ directory });
    const to = await openSqliteEventLog({ directory: damaged });
    const payloads: string[] = [];
    let isTaken = false;
    for await (const { payload } of from.read(0)) {
      const { events } = decodeEntry(payload);
      if (!isTaken && events.some((event) => event.kind === "attempt-started")) {
        isTaken = true;
      } else {
        payloads.push(payload);
      }
    }
    await to.append(payloads, 0);
    await Promise.all([from.close(), to.close()]);
    const report = await readLog(damaged);
    expect(report.violationCount).toBeGreaterThan(0);
    expect(report.figures.unfinishedCount).toBe(1);
  });

  it("shows every figure with where it comes from", () => {
    const [report] = reports;
    if (report === undefined) {
      throw new Error("the replay gave no report");
    }
    const text = reportTable({
      ...report,
      cost: { ...report.cost, recoveryFromLogMs: 1_234, recoveryFromSnapshotMs: 456 },
    });
    for (const what of [
      "jobs submitted",
      "acknowledged",
      "completed",
      "failed",
      "wait, s",
      "bounded slowdown",
      "GPU-hours",
      "energy of jobs",
      "energy reserved",
      "peak bound, feed",
      "peak bound, substation",
      "peak bound, hall",
      "peak bound, row",
      "peak bound, rack",
      "violations found by the oracle",
      "submits per second",
      "submit, client",
      "decision, server",
      "peak memory",
      "recovery from the log alone",
      "recovery from a snapshot",
      "seed",
      "site",
      "machine",
      "command",
    ]) {
      expect(text).toMatch(new RegExp(`^\\| ${what}`, "m"));
    }
    expect(report.cost.peakMemoryBytes).toBeGreaterThan(50e6);
    expect(report.cost.writer.decision.count).toBeGreaterThan(jobCount);
    expect(report.cost.writer.decision.p99Ms).toBeGreaterThan(0);
  });
});
