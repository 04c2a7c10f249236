import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { describe, expect, test } from "vitest";
import { Hub, hourMs } from "../../testing/test-hub.ts";
import { explainJob } from "../../read/explain/explain.ts";
import { getDomain } from "../../read/power/power-tree.ts";
import { explanationSentence } from "../../read/explain/sentence.ts";
import { known } from "../../state/assert.ts";
import { nodeAsleep, nodeOff } from "../../state/site-state.ts";
import {
  fill,
  fourOfThree,
  hallWatts,
  isRunning,
  large,
  siteOf,
  small,
  worstLoads,
} from "../../testing/test-shared-spare.ts";

describe("a hall of four supplies of which any may fail", () => {
  test("admission stops exactly where one failure would overload a supply, not where the hall is full", () => {
    const hub = fill(small, 12);
    const running = Array.from({ length: 12 }, (_, at) => isRunning(hub, at + 1));
    expect(running.filter(Boolean)).toHaveLength(9);
    expect(hallWatts(hub)).toBe(96_000);
    expect(toNumber(known(siteOf(hub).site.domains[1], "hall").usableWatts)).toBe(108_000);
    expect([...worstLoads(hub).values()]).toEqual([32_000, 32_000, 32_000, 32_000]);
    // Any three supplies carry one node more, if nobody asks which of them it would hang on.
    const shared = fill({ ...small, redundancy: "N+1" }, 12);
    expect(hallWatts(shared)).toBe(104_000);
  });

  test("who waits is told which supply binds after which failure", () => {
    const hub = fill(small, 10);
    const explanation = known(explainJob(hub.state, 10), "explanation");
    expect(explanation).toMatchObject({
      reason: "power-limit",
      place: {
        power: {
          domain: "hub/hall-1",
          supply: { name: "ups-b", failed: "ups-d" },
          ceilingWatts: 36_000,
          freeWatts: 4_000,
          neededWatts: 8_000,
        },
      },
    });
    expect(explanationSentence(explanation, { time: String })).toContain(
      "waits for power: ups-b of hall-1 after a failure of ups-d has 4.00 kW free of 36.0 kW, needs 8.00 kW; its limit binds",
    );
  });

  test("the power tree shows each supply after the failure that is worst for it", () => {
    const hub = fill(small, 5);
    const hall = known(getDomain(hub.state, "hub", "hub/hall-1"), "hall");
    expect(hall.supplies).toEqual([
      { name: "ups-a", usableWatts: 36_000, boundWatts: 32_000, failed: "ups-b" },
      { name: "ups-b", usableWatts: 36_000, boundWatts: 32_000, failed: "ups-a" },
      { name: "ups-c", usableWatts: 36_000, boundWatts: 16_000, failed: "ups-a" },
      { name: "ups-d", usableWatts: 36_000, boundWatts: 16_000, failed: "ups-a" },
    ]);
    expect(getDomain(hub.state, "hub", "hub")?.supplies).toEqual([]);
  });

  test("what ends makes room on the supplies it hung on", () => {
    const hub = fill(small, 10);
    hub.finish(1);
    hub.place();
    expect(isRunning(hub, 10)).toBe(true);
    expect(Math.max(...worstLoads(hub).values())).toBeLessThanOrEqual(36_000);
  });

  test("384 nodes with cooling: every failure is survived, and no supply is left half empty", () => {
    const hub = new Hub(fourOfThree(large));
    let startedCount = 0;
    for (let gang = 1; gang <= 60; gang += 1) {
      startedCount += isRunning(hub, hub.run({ nodeCount: 8 })) ? 1 : 0;
    }
    for (let single = 0; single < 8; single += 1) {
      hub.run();
    }
    const worst = [...worstLoads(hub).values()];
    const usableWatts = 0.9 * 1_500_000;
    expect(Math.max(...worst)).toBeLessThanOrEqual(usableWatts);
    expect(Math.min(...worst)).toBeGreaterThan(0.97 * usableWatts);
    expect(startedCount).toBeLessThan(48);
  });

  test("a squeeze and a raise keep every supply within its limit", () => {
    // Two kilowatts are free on a supply, and the lowest cap of one node more takes four.
    const hub = new Hub(fourOfThree({ ...small, supplyKw: 34 }));
    const bending = { flexibilityTier: 50, workloadClass: "straight" } as const;
    for (let job = 1; job <= 9; job += 1) {
      hub.run({ ...bending, walltime: milliseconds(20 * hourMs) });
    }
    for (let job = 10; job <= 12; job += 1) {
      hub.run({ ...bending, priorityClass: "high" });
    }
    expect(siteOf(hub).attempts.size).toBe(9);
    follow(hub, 34_000);
    const attempts = [...siteOf(hub).attempts];
    expect(attempts.length).toBeGreaterThan(9);
    expect(attempts.filter(({ job, capWatts }) => job <= 9 && capWatts > 0)).not.toEqual([]);
    for (const { job } of attempts.filter((one) => one.job > 9)) {
      hub.finish(job);
    }
    follow(hub, 34_000);
    // All nine are back at full power.
    expect(hallWatts(hub)).toBe(96_000);
  });

  test("a curtailment that begins, lets go and gives back keeps every supply within its limit", () => {
    const hub = new Hub(fourOfThree({ ...small, supplyKw: 34 }));
    for (let job = 1; job <= 12; job += 1) {
      hub.run({ flexibilityTier: 50, workloadClass: "straight" });
    }
    follow(hub, 34_000);
    expect(hallWatts(hub)).toBe(96_000);
    const start = instant(hub.nowMs);
    const end = instant(hub.nowMs + 300_000);
    hub.engine.execute({
      kind: "schedule-curtailment",
      at: start,
      by: "olga",
      curtailment: {
        id: "evening",
        site: "hub",
        domain: "hub/hall-1",
        mode: "emergency",
        target: watts(70_000),
        baseline: watts(0),
        start,
        end,
        ramp: milliseconds(60_000),
        reason: "grid",
        setBy: "olga",
        noticedAt: start,
      },
    });
    follow(hub, 34_000);
    expect(hallWatts(hub)).toBeLessThanOrEqual(70_000);
    expect(hallWatts(hub)).toBeGreaterThan(65_000);
    for (let minute = 0; minute < 7; minute += 1) {
      follow(hub, 34_000);
    }
    expect(hallWatts(hub)).toBe(96_000);
  });

  test("an edited file that leaves a supply too weak for what runs is refused", () => {
    const hub = fill(small, 12);
    const weaker = fourOfThree(small).replace("ups-c: 36 kW", "ups-c: 30 kW");
    expect(hub.register(weaker)).toMatchObject({
      kind: "rejected",
      code: "site-change-strands-jobs",
      message: expect.stringContaining("ups-c"),
    });
  });
});

describe("a lost supply of distributed redundancy", () => {
  test("takes nothing away: the others were kept able to carry it", () => {
    const hub = fill(small, 12);
    hub.report({ kind: "supply-lost", domain: 1, remaining: watts(108_000) });
    hub.place();
    expect(hallWatts(hub)).toBe(96_000);
    expect(siteOf(hub).attempts.size).toBe(9);
    expect([...siteOf(hub).attempts].every(({ phase }) => phase === "starting")).toBe(true);
    // Starts go on as before, within every sum.
    hub.finish(1);
    hub.place();
    expect(siteOf(hub).attempts.size).toBe(9);
    expect(Math.max(...worstLoads(hub).values())).toBeLessThanOrEqual(36_000);
  });

  test("with a second one the hall is held to what remains, and its return lets all start again", () => {
    const hub = fill(small, 9);
    hub.report({ kind: "supply-lost", domain: 1, remaining: watts(72_000) });
    const stopping = [...siteOf(hub).attempts].filter(({ phase }) => phase === "stopping");
    for (const { job } of stopping) {
      hub.finish(job, 0, 143);
    }
    expect(stopping.length).toBeGreaterThan(0);
    expect(hallWatts(hub)).toBeLessThanOrEqual(72_000);
    hub.report({ kind: "supply-back", domain: 1 });
    hub.nowMs += hourMs / 2;
    hub.engine.execute({ kind: "tick", at: instant(hub.nowMs) });
    hub.place();
    expect(siteOf(hub).attempts.size).toBe(9);
  });
});

/** Every node does as it was told, for a minute; no supply ever has more than it carries. */
function follow(hub: Hub, usableWatts: number): void {
  for (let second = 0; second < 60; second += 1) {
    for (const attempt of siteOf(hub).attempts) {
      if (attempt.capInForce !== undefined) {
        const { job, task, attempt: count, heldNodes, capWatts, capOrder: order } = attempt;
        const key = { job, task, attempt: count };
        hub.report({ kind: "cap-applied", attempt: key, nodes: heldNodes, capWatts, order });
        expect(Math.max(...worstLoads(hub).values())).toBeLessThanOrEqual(usableWatts);
      }
    }
    switchNodes(hub);
    hub.wait(1_000);
    hub.place();
    expect(Math.max(...worstLoads(hub).values())).toBeLessThanOrEqual(usableWatts);
  }
}

/** Nodes that are to sleep go off, those that are to wake come back. */
function switchNodes(hub: Hub): void {
  const flagsOf = siteOf(hub).nodeFlags;
  for (let node = 0; node < flagsOf.length; node += 1) {
    const flags = flagsOf[node] ?? 0;
    const isOff = (flags & nodeOff) !== 0;
    if (((flags & nodeAsleep) !== 0) !== isOff) {
      hub.report({ kind: isOff ? "node-ready" : "node-powered-off", node });
    }
  }
}
