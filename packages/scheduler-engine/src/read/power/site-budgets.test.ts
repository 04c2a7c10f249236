import { milliseconds, toNumber } from "@ertis/quantities";
import { describe, expect, it } from "vitest";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { Engine } from "../../engine.ts";
import { explainJob } from "../explain/explain.ts";
import { explanationSentence } from "../explain/sentence.ts";
import { getDomain } from "./power-tree.ts";
import { Hub, hourMs, smallHub, startMs } from "../../testing/test-hub.ts";

const dayMs = 24 * hourMs;
const hall1 = "hub/sub-1/hall-1";

/** 2027-01-15T08:00:00Z, a Friday, is when tests begin. */
function withBudget(...lines: readonly string[]): string {
  return smallHub().replace("feed:\n", `budgets:\n${lines.join("\n")}\nfeed:\n`);
}

const evenings =
  '  - {name: evening, domain: sub-1/hall-1, ceiling: 20 kW, from: 2027-01-01T00:00Z, until: 2028-01-01T00:00Z, every: {hours: "10:00..12:00", utcOffset: "+00:00"}, reason: peak, source: assumption}';
const otherHall = evenings.replace("evening", "other").replace("hall-1", "hall-2");
const contract = (from: string): string =>
  `  - {name: contract, domain: sub-1/hall-1, ceiling: 20 kW, from: ${from}, reason: grid, source: assumption}`;

function started(hub: Hub, job: number): readonly number[] {
  return hub.state.jobs.get(job)?.active === undefined ? [] : [job];
}

describe("budgets of a site file", () => {
  it("keep a job out that would reach into a window, and let a shorter one start", () => {
    const hub = new Hub(withBudget(evenings, otherHall));
    const long = hub.run({ nodeCount: 4, walltime: milliseconds(3 * hourMs) });
    const short = hub.run({ nodeCount: 4, walltime: milliseconds(hourMs) });
    expect(started(hub, long)).toEqual([]);
    expect(started(hub, short)).toEqual([short]);
  });

  it("are named, with their window, by why and in the power tree", () => {
    const hub = new Hub(withBudget(evenings, otherHall));
    const job = hub.run({ nodeCount: 4, walltime: milliseconds(3 * hourMs) });
    const explanation = explainJob(hub.state, job);
    expect(explanation).toMatchObject({
      reason: "future-window",
      place: { power: { budget: { id: "evening", ceiling: 20_000 }, atMs: startMs + 2 * hourMs } },
    });
    const text =
      explanation === undefined
        ? ""
        : explanationSentence(explanation, {
            time: (ms) => new Date(ms).toISOString().slice(11, 16),
          });
    expect(text).toMatch(/from 10:00 has .* budget "evening" \(20.0 kW until 12:00\) binds/);
    expect(getDomain(hub.state, "hub", hall1)).toMatchObject({
      budget: undefined,
      nextBudgetChange: { atMs: startMs + 2 * hourMs, budget: { id: "evening" } },
    });
    hub.wait(2 * hourMs);
    expect(getDomain(hub.state, "hub", hall1)).toMatchObject({
      budget: { id: "evening", setBy: "hub.yaml:25" },
      binds: "budget",
      ceilingWatts: 20_000,
      nextBudgetChange: { atMs: startMs + 4 * hourMs, budget: undefined },
    });
    hub.wait(2 * hourMs);
    expect(getDomain(hub.state, "hub", hall1)?.budget).toBeUndefined();
  });

  it("begin and end by themselves: what waits starts when a window is over", () => {
    const hub = new Hub(withBudget(evenings, otherHall));
    hub.wait(2 * hourMs);
    const job = hub.run({ nodeCount: 4, walltime: milliseconds(hourMs) });
    expect(started(hub, job)).toEqual([]);
    expect(hub.engine.nextTickAtMs()).toBe(startMs + 4 * hourMs);
    hub.wait(2 * hourMs);
    hub.place();
    expect(started(hub, job)).toEqual([job]);
  });

  it("come in sight a month ahead, and are looked up again every day", () => {
    const hub = new Hub(withBudget(contract("2027-03-01T00:00Z"), evenings));
    const starts = (): number[] =>
      [...hub.state.sites.values()].flatMap((site) => site.horizons.map((one) => one.atMs));
    // From now on, and one window a day on this day and the 31 after it.
    expect(starts().length).toBe(1 + 32);
    expect(starts()).not.toContain(Date.parse("2027-03-01T00:00Z"));
    for (let day = 0; day < 20; day += 1) {
      hub.wait(dayMs);
    }
    expect(starts()).toContain(Date.parse("2027-03-01T00:00Z"));
    expect(starts().length).toBeLessThanOrEqual(1 + 33);
  });

  it("are all known for as far as plans look, however many domains they are for", () => {
    const domains = ["sub-1", hall1.slice(4), "sub-1/hall-2"].concat(
      [1, 2].flatMap((hall) => [
        `sub-1/hall-${hall}/row-1`,
        ...[1, 2].map((rack) => `sub-1/hall-${hall}/row-1/rack-${rack}`),
      ]),
    );
    const lines = domains.map((domain, index) =>
      evenings
        .replace("evening", `evening-${index}`)
        .replace("sub-1/hall-1", domain)
        .replace("20 kW", "38 kW"),
    );
    const hub = new Hub(withBudget(...lines));
    const [site] = [...hub.state.sites.values()];
    const lastDay = startMs + 31 * dayMs + 2 * hourMs;
    expect(site?.horizons.length).toBe(1 + 32);
    for (const domain of domains) {
      const starts = (site?.fileBudgets ?? []).filter((one) => one.domain === `hub/${domain}`);
      expect(starts.map(({ from }) => toNumber(from)).at(-1)).toBe(lastDay);
    }
  });

  it("are the same after a restart from a snapshot", () => {
    const hub = new Hub(withBudget(contract("2027-02-20T00:00Z"), evenings));
    for (let day = 0; day < 9; day += 1) {
      hub.wait(dayMs);
    }
    const reader = new SnapshotReader();
    for (const chunk of encodeSnapshot(hub.state)) {
      reader.add(chunk);
    }
    const again = new Engine(hub.engine.limits, reader.finish());
    const ceilings = (engine: Engine): unknown =>
      [...engine.state.sites.values()].map((site) =>
        site.horizons.map(({ atMs, ceiling }) => [atMs, [...ceiling]]),
      );
    expect(ceilings(again)).toEqual(ceilings(hub.engine));
    expect(again.nextTickAtMs()).toBe(hub.engine.nextTickAtMs());
  });
});
