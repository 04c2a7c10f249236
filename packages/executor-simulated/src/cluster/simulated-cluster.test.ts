import { describe, expect, test } from "vitest";
import { change, keyOf, startMs, testSite, wish } from "../test-site.ts";
import type { Physics } from "./physics.ts";
import { createSimulatedCluster } from "./create-cluster.ts";
import type { SimulatedCluster } from "./simulated-cluster.ts";
import { allReports, takeReports } from "./test-reports.ts";

function newCluster(physics: Partial<Physics> = {}, hadEarlierLife = false): SimulatedCluster {
  return createSimulatedCluster({ site: testSite, seed: 7, startMs, physics, hadEarlierLife });
}

const hourMs = 3_600_000;
const directed = { ERTIS_SIM_RUNTIME_MS: "60000", ERTIS_SIM_OUTCOME: "succeeded" };

describe("an attempt", () => {
  test("runs after its start-up delay, for the directed time, to the directed end", () => {
    const cluster = newCluster({ startDelayMs: { min: 5_000, max: 5_000 } });
    const environment = { ERTIS_SIM_RUNTIME_MS: "60000", ERTIS_SIM_OUTCOME: "failed:3" };
    cluster.realize(change(1, [wish({ job: 1, environment })]), startMs);
    expect(cluster.nextEventAt()).toBe(startMs + 5_000);
    cluster.advance(startMs + 64_999);
    expect(takeReports(cluster)).toEqual([{ kind: "attempt-running", attempt: keyOf({ job: 1 }) }]);
    cluster.advance(startMs + 65_000);
    expect(takeReports(cluster)).toMatchObject([
      {
        kind: "attempt-exited",
        outcome: { kind: "failed", category: "application", exitCode: 3 },
      },
      { kind: "stop-confirmed", nodes: [] },
    ]);
    expect(cluster.nextEventAt()).toBeUndefined();
    expect(cluster.violationCount).toBe(0);
  });

  test("without directives runs a seeded part of its walltime", () => {
    const cluster = newCluster({
      startDelayMs: { min: 0, max: 0 },
      runtimePermille: { min: 300, max: 400 },
    });
    cluster.realize(change(1, [wish({ job: 1, walltimeMs: hourMs })]), startMs);
    cluster.advance(startMs);
    const endMs = cluster.nextEventAt() ?? 0;
    expect(endMs - startMs).toBeGreaterThanOrEqual(0.3 * hourMs);
    expect(endMs - startMs).toBeLessThanOrEqual(0.4 * hourMs);
  });

  test.each([
    { ERTIS_SIM_RUNTIME_MS: "soon" },
    { ERTIS_SIM_RUNTIME_MS: "-1" },
    { ERTIS_SIM_OUTCOME: "failed:0" },
    { ERTIS_SIM_OUTCOME: "failed:256" },
    { ERTIS_SIM_OUTCOME: "maybe" },
  ])("with the unreadable directive %j fails at its start", (environment) => {
    const cluster = newCluster();
    cluster.realize(change(1, [wish({ job: 1, environment })]), startMs);
    cluster.advance(startMs + hourMs);
    expect(allReports(cluster)).toMatchObject([
      { kind: "attempt-exited", outcome: { category: "start", exitCode: 64 } },
      { kind: "stop-confirmed", nodes: [] },
    ]);
  });

  test.each([
    { termExitMs: 4_000, graceMs: 30_000, exitMs: 4_000, exitCode: 143 },
    { termExitMs: 60_000, graceMs: 30_000, exitMs: 30_000, exitCode: 137 },
    { termExitMs: 4_000, graceMs: 0, exitMs: 0, exitCode: 137 },
  ])("that is stopped ends within its grace: %j", (numbers) => {
    const cluster = newCluster({
      startDelayMs: { min: 0, max: 0 },
      termIgnored: { numerator: 0, denominator: 1 },
      termExitMs: { min: numbers.termExitMs, max: numbers.termExitMs },
      stopConfirmMs: { min: 500, max: 1_000 },
    });
    cluster.realize(change(1, [wish({ job: 1, nodes: [0, 1] })]), startMs);
    cluster.advance(startMs + 1_000);
    const stop = wish({ job: 1, nodes: [0, 1], want: "stop", graceMs: numbers.graceMs });
    cluster.realize(change(2, [stop]), startMs + 1_000);
    cluster.advance(startMs + 1_000 + numbers.exitMs);
    expect(takeReports(cluster)).toMatchObject([
      { kind: "attempt-running" },
      { kind: "attempt-exited", outcome: { exitCode: numbers.exitCode } },
    ]);
    // The nodes are held until each of them has confirmed.
    expect(cluster.inventory().attempts).toMatchObject([{ phase: "exited", nodes: [0, 1] }]);
    cluster.advance(startMs + 1_000 + numbers.exitMs + 1_000);
    const confirmed = takeReports(cluster).flatMap((each) =>
      each.kind === "stop-confirmed" ? each.nodes : [],
    );
    expect(confirmed.toSorted((a, b) => a - b)).toEqual([0, 1]);
    expect(cluster.inventory().attempts).toMatchObject([{ phase: "ended", nodes: [] }]);
  });

  test("that ignores SIGTERM is killed when its grace is over", () => {
    const cluster = newCluster({ termIgnored: { numerator: 1, denominator: 1 } });
    cluster.realize(change(1, [wish({ job: 1 })]), startMs);
    cluster.realize(change(2, [wish({ job: 1, want: "stop", graceMs: 10_000 })]), startMs + 1);
    // A repeated wish must not start the grace anew.
    cluster.realize(change(3, [wish({ job: 1, want: "stop", graceMs: 10_000 })]), startMs + 9_000);
    cluster.advance(startMs + 10_001);
    const exit = allReports(cluster).find((each) => each.kind === "attempt-exited");
    expect(exit).toMatchObject({ outcome: { kind: "failed", exitCode: 137 } });
  });
});

describe("a repeated or late wish", () => {
  test("does not start an attempt twice, whether it runs or has ended", () => {
    const cluster = newCluster();
    const run = wish({ job: 1, environment: directed });
    cluster.realize(change(1, [run]), startMs);
    cluster.realize(change(2, [run]), startMs + 30_000);
    cluster.advance(startMs + hourMs);
    takeReports(cluster);
    cluster.realize(change(3, [run]), startMs + hourMs);
    expect(cluster.startsOf(keyOf({ job: 1 }))).toBe(1);
    // The scheduler seems not to know the end: it hears of it again.
    expect(takeReports(cluster)).toMatchObject([
      { kind: "attempt-exited", outcome: { kind: "succeeded" } },
      { kind: "stop-confirmed", nodes: [] },
    ]);
    expect(cluster.violationCount).toBe(0);
  });

  test("of an older generation is refused and changes nothing", () => {
    const cluster = newCluster();
    cluster.realize(change(5, [wish({ job: 1 })]), startMs);
    const result = cluster.realize(change(4, [wish({ job: 2, nodes: [1] })]), startMs);
    expect(result).toEqual({ kind: "refused-old-generation", newestGeneration: 5 });
    expect(cluster.inventory().attempts.map((each) => each.attempt.job)).toEqual([1]);
    expect(cluster.realize(change(5, []), startMs)).toEqual({ kind: "accepted" });
  });

  test("to run a released attempt is a violation, and it does not run", () => {
    const cluster = newCluster();
    const run = wish({ job: 1, environment: directed });
    cluster.realize(change(1, [run]), startMs);
    cluster.advance(startMs + hourMs);
    cluster.realize(change(2, [], { forget: [run.attempt] }), startMs + hourMs);
    expect(cluster.inventory().attempts).toEqual([]);
    cluster.realize(change(3, [run]), startMs + hourMs);
    expect(cluster.violations()).toMatchObject([{ kind: "wanted-after-forget" }]);
    expect(cluster.startsPerAttemptMax).toBe(1);
  });

  test("to stop a released attempt is confirmed once more", () => {
    const cluster = newCluster();
    const run = wish({ job: 1, environment: directed });
    cluster.realize(change(1, [run]), startMs);
    cluster.advance(startMs + hourMs);
    cluster.realize(change(2, [], { forget: [run.attempt] }), startMs + hourMs);
    takeReports(cluster);
    cluster.realize(change(3, [wish({ job: 1, want: "stop" })]), startMs + hourMs);
    expect(takeReports(cluster)).toEqual([
      { kind: "stop-confirmed", attempt: run.attempt, nodes: [] },
    ]);
    expect(cluster.inventory().attempts).toEqual([]);
  });

  test("to stop an attempt that never arrived confirms it, and it can never start", () => {
    const cluster = newCluster();
    cluster.realize(change(1, [wish({ job: 1, want: "stop" })]), startMs);
    expect(takeReports(cluster)).toMatchObject([
      { kind: "attempt-exited", outcome: { category: "start" } },
      { kind: "stop-confirmed", nodes: [] },
    ]);
    cluster.realize(change(2, [wish({ job: 1 })]), startMs);
    expect(cluster.startCount).toBe(0);
  });
});

describe("a complete wish", () => {
  test("stops what is not in it and reports what really runs", () => {
    const cluster = newCluster({ startDelayMs: { min: 0, max: 0 } });
    const long = { ERTIS_SIM_RUNTIME_MS: String(10 * hourMs) };
    const first = wish({ job: 1, environment: long });
    const second = wish({ job: 2, nodes: [1], environment: long });
    cluster.realize(change(1, [first, second]), startMs);
    cluster.advance(startMs + 1_000);
    takeReports(cluster);
    cluster.realize(change(2, [first], { isComplete: true }), startMs + 2_000);
    expect(takeReports(cluster)).toEqual([
      { kind: "attempt-running", attempt: first.attempt },
      { kind: "attempt-running", attempt: second.attempt },
    ]);
    cluster.advance(startMs + hourMs);
    expect(takeReports(cluster)).toMatchObject([
      { kind: "attempt-exited", attempt: second.attempt },
      { kind: "stop-confirmed", attempt: second.attempt },
    ]);
    // It was unknown to the scheduler, so nobody will ever release it.
    expect(cluster.inventory().attempts.map((each) => each.attempt.job)).toEqual([1]);
  });

  test("after an earlier life reports older attempts as lost instead of starting them", () => {
    const cluster = newCluster({}, true);
    const older = wish({ job: 1, startedAtMs: startMs - 1 });
    const newer = wish({ job: 2, nodes: [1], startedAtMs: startMs });
    cluster.realize(change(1, [older, newer], { isComplete: true }), startMs);
    expect(takeReports(cluster)).toMatchObject([
      { kind: "attempt-exited", attempt: older.attempt, outcome: { category: "node" } },
      { kind: "stop-confirmed", attempt: older.attempt, nodes: [] },
    ]);
    expect(cluster.startsOf(newer.attempt)).toBe(1);
  });

  test("is not needed to learn that attempts of an earlier life are gone", () => {
    const cluster = newCluster();
    cluster.declareLost([keyOf({ job: 9 })], startMs);
    cluster.realize(change(1, [wish({ job: 9 })]), startMs);
    expect(cluster.startCount).toBe(0);
    expect(takeReports(cluster)).toMatchObject([
      { kind: "attempt-exited", outcome: { category: "node" } },
      { kind: "stop-confirmed", nodes: [] },
    ]);
  });
});

describe("a wrong wish is a violation and starts nothing", () => {
  test.each([
    ["gpu-double-use", wish({ job: 2, nodes: [0], gpuMasks: [0x80] })],
    ["unknown-node", wish({ job: 2, nodes: [6], gpuMasks: [1] })],
    ["bad-placement", wish({ job: 2, nodes: [1], site: "elsewhere" })],
    ["bad-placement", wish({ job: 2, nodes: [] })],
    ["bad-placement", wish({ job: 2, nodes: [2, 1] })],
    ["bad-placement", wish({ job: 2, nodes: [1, 1] })],
    ["bad-placement", wish({ job: 2, nodes: [1], gpuMasks: [0] })],
    ["bad-placement", wish({ job: 2, nodes: [4], gpuMasks: [0x10] })],
    ["bad-placement", wish({ job: 2, nodes: [1, 2], gpuMasks: [1] })],
  ] as const)("%s", (kind, wrong) => {
    const cluster = newCluster();
    cluster.realize(change(1, [wish({ job: 1 })]), startMs);
    cluster.realize(change(2, [wrong]), startMs);
    expect(cluster.violations()).toMatchObject([{ kind, attempt: { job: 2 } }]);
    expect(cluster.violationCount).toBe(1);
    expect(cluster.startCount).toBe(1);
    expect(takeReports(cluster)).toMatchObject([
      { kind: "attempt-exited", attempt: { job: 2 }, outcome: { category: "start" } },
      { kind: "stop-confirmed", attempt: { job: 2 } },
    ]);
  });

  test("GPUs are held until the stop is confirmed, not until the exit", () => {
    const cluster = newCluster({ stopConfirmMs: { min: 5_000, max: 5_000 } });
    cluster.realize(change(1, [wish({ job: 1 })]), startMs);
    cluster.realize(change(2, [wish({ job: 1, want: "stop", graceMs: 0 })]), startMs + 1);
    cluster.realize(change(3, [wish({ job: 2 })]), startMs + 5_000);
    expect(cluster.violations()).toMatchObject([{ kind: "gpu-double-use" }]);
    cluster.realize(change(4, [wish({ job: 3 })]), startMs + 5_001);
    expect(cluster.startsOf(keyOf({ job: 3 }))).toBe(1);
  });

  test("releasing an attempt that still runs stops it", () => {
    const cluster = newCluster();
    const run = wish({ job: 1 });
    cluster.realize(change(1, [run]), startMs);
    cluster.realize(change(2, [], { forget: [run.attempt] }), startMs);
    expect(cluster.violations()).toMatchObject([{ kind: "forgotten-while-running" }]);
    cluster.advance(startMs + hourMs);
    expect(cluster.inventory().attempts).toEqual([]);
  });
});
