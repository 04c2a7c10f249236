import { usageAt } from "@ertis/power-planning";
import { toMillijoules, watts } from "@ertis/quantities";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Engine } from "../../engine.ts";
import { stateDigest } from "../../history/digest.ts";
import { encodeSnapshot, SnapshotReader } from "../../history/snapshot.ts";
import { shareHalfLifeMs } from "../../limits.ts";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { getJob } from "../../read/jobs/jobs.ts";
import type { Step } from "../../testing/test-step.ts";
import { World } from "../../testing/test-world.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { AccountState } from "../../state/shares.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Account } from "../../words/account.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";

/** Every run as the last one; `npm run soak` asks for more (`ERTIS_SOAK_RUNS`), and other seeds. */
function runs(count: number): { readonly seed: number; readonly numRuns: number } {
  const seed = Number(process.env["ERTIS_SEED"] ?? "11");
  const most = process.env["ERTIS_SOAK"] === "1" ? count * 20 : count;
  return { seed, numRuns: Number(process.env["ERTIS_SOAK_RUNS"] ?? String(most)) };
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("job" as const),
    nodes: fc.integer({ min: 1, max: 3 }),
    tier: fc.constantFrom<FlexibilityTier>(0, 10, 25, 50, 50),
    canPause: fc.boolean(),
    isMalleable: fc.boolean(),
    tasks: fc.constantFrom(1, 1, 3),
  }),
  fc.record({
    kind: fc.constant("curtail" as const),
    domain: fc.nat({ max: 4 }),
    part: fc.double({ min: 0.4, max: 1, noNaN: true }),
    inMinutes: fc.constantFrom(0, 0, 1, 20),
    minutes: fc.constantFrom(5, 30, 120),
    ramp: fc.constantFrom(0, 5),
    isPlanned: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom("cancel" as const, "supply-back" as const, "node-lost" as const),
  }),
  fc.record({ kind: fc.constant("measure" as const) }),
  fc.record({
    kind: fc.constant("supply-lost" as const),
    domain: fc.nat({ max: 4 }),
    part: fc.double({ min: 0.3, max: 0.9, noNaN: true }),
  }),
  fc.record({ kind: fc.constant("acknowledge" as const), silent: fc.nat({ max: 20 }) }),
  fc.record({ kind: fc.constant("acknowledge" as const), silent: fc.constant(99) }),
  fc.record({ kind: fc.constantFrom("stops" as const, "stops" as const, "lost-off" as const) }),
  fc.record({ kind: fc.constant("pass" as const), seconds: fc.constantFrom(1, 3, 60, 900) }),
);

function check({ engine, copy, site }: World): void {
  const load = site.horizons[0]?.load ?? new Float64Array(0);
  load.forEach((one, domain) => {
    // Breakers bound the sum of bounds at every instant, whatever happens.
    expect(one).toBeLessThanOrEqual(site.usableScaled[domain] ?? 0);
  });
  for (const { capWatts, floorCapWatts, phase } of site.attempts) {
    if (phase !== "exited" && capWatts !== 0) {
      expect(floorCapWatts).toBeGreaterThan(0);
      expect(capWatts).toBeGreaterThanOrEqual(200);
    }
  }
  expect(stateDigest(copy.state)).toBe(stateDigest(engine.state));
}

test("whatever comes over curtailments, limits hold, and a replay and a restart know the same", () => {
  fc.assert(
    fc.property(fc.array(steps, { minLength: 5, maxLength: 40 }), (list) => {
      const world = new World();
      for (const step of list) {
        world.take(step);
        check(world);
      }
      const reader = new SnapshotReader();
      for (const chunk of encodeSnapshot(world.engine.state)) {
        reader.add(chunk);
      }
      const again = new Engine(world.engine.limits, reader.finish());
      expect(stateDigest(again.state)).toBe(stateDigest(world.engine.state));
      for (const id of world.engine.state.curtailments.records.keys()) {
        expect(complianceOf(again.state, id)).toEqual(complianceOf(world.engine.state, id));
      }
    }),
    runs(60),
  );
});

const budgetSteps: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("budget" as const),
  domain: fc.nat({ max: 4 }),
  part: fc.double({ min: 0.5, max: 1, noNaN: true }),
  minutes: fc.constantFrom(5, 60, 600),
});

test("once everybody has obeyed, bounds fit every limit, every emergency and, as far as floors go, every budget", () => {
  const met = { limits: 0, emergencies: 0, budgets: 0 };
  const anyStep = fc.oneof({ weight: 9, arbitrary: steps }, { weight: 1, arbitrary: budgetSteps });
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 5, maxLength: 30 }), (list) => {
      const world = new World();
      for (const step of list) {
        // A lost node keeps its bound for good.
        if (step.kind !== "node-lost") {
          world.take(step);
        }
      }
      world.settle();
      const { site } = world;
      const idle = loadOf(site, () => 0);
      const floors = loadOf(site, (attempt) => floorGpuWatts(world, attempt));
      site.horizons[0]?.load.forEach((one, domain) => {
        const ceilings = ceilingsOf(world, domain);
        const forced = Math.max(idle[domain] ?? 0, Math.min(ceilings.limit, ceilings.emergency));
        const budget = Math.max(floors[domain] ?? 0, ceilings.budget);
        expect(one).toBeLessThanOrEqual(Math.min(forced, budget) + 1e-6);
        met.limits += ceilings.isSupplyLost ? 1 : 0;
        met.emergencies += ceilings.emergency < ceilings.limit ? 1 : 0;
        met.budgets += ceilings.budget < Math.min(ceilings.limit, ceilings.emergency) ? 1 : 0;
      });
      for (const { capInForce } of site.attempts) {
        expect(capInForce).toBeUndefined();
      }
    }),
    runs(60),
  );
  // Else it said nothing.
  expect(Math.min(met.limits, met.emergencies, met.budgets)).toBeGreaterThan(5);
});

/** What a domain may carry, told by what was accepted and reported, not by what the engine makes of it; scaled watts. */
function ceilingsOf({ site, curtailments, budgets, remainingWatts, nowMs }: World, domain: number) {
  const { id, loadScale } = known(site.site.domains[domain], "domain");
  const emergencies = curtailments
    .filter((one) => one.domain === id && one.mode === "emergency")
    .filter(({ start, end }) => Number(start) <= nowMs && nowMs < Number(end))
    .map(({ target }) => Number(target) * loadScale);
  const set = budgets
    .filter((one) => one.domain === id && nowMs < Number(one.until))
    .map(({ ceiling }) => Number(ceiling) * loadScale);
  const left = (remainingWatts.get(domain) ?? Infinity) * loadScale;
  const usable = site.usableScaled[domain] ?? 0;
  return {
    limit: Math.min(usable, left),
    isSupplyLost: left < usable,
    emergency: Math.min(Infinity, ...emergencies),
    budget: Math.min(Infinity, ...set),
  };
}

/** At its floor a GPU may draw what its tier leaves of full speed: curves here are straight, up to 400 W, and no cap is below half. */
function floorGpuWatts({ engine }: World, { job, gpusPerNode }: Attempt): number {
  const { spec } = known(engine.state.jobs.get(job), "job");
  return gpusPerNode * Math.max(200, 400 * (1 - spec.flexibilityTier / 100));
}

const accounts: readonly Account[] = [
  {
    id: "north",
    weight: 2,
    quota: {
      guaranteedGpuCount: 24,
      guaranteed: watts(8_000),
      borrowableGpuCount: 16,
      borrowable: watts(4_000),
    },
  },
  { id: "south", weight: 1, quota: { guaranteedGpuCount: 16, guaranteed: watts(6_000) } },
  { id: "north/p1", weight: 1 },
  { id: "south/p2", weight: 1 },
];

function checkCharges(world: World): void {
  const { state } = world.engine;
  const heldOf = new Map<string, { gpuCount: number; reservedWatts: number }>();
  for (const { job, heldNodes } of world.site.attempts) {
    const { owner, spec } = known(state.jobs.get(job), "job");
    const tenant = { p1: "north", p2: "south" }[spec.project] ?? "(others)";
    for (const id of [
      "",
      tenant,
      `${tenant}/${spec.project}`,
      `${tenant}/${spec.project}/${owner}`,
    ]) {
      const { gpuCount, reservedWatts } = heldOf.get(id) ?? { gpuCount: 0, reservedWatts: 0 };
      heldOf.set(id, {
        gpuCount: gpuCount + heldNodes.length * 8,
        reservedWatts: reservedWatts + world.boundWatts(heldNodes),
      });
    }
  }
  for (const { id, held, quota, usage, children } of state.shares.accounts) {
    expect(held, id).toMatchObject(heldOf.get(id) ?? { gpuCount: 0, reservedWatts: 0 });
    expect(held.gpuCount, id).toBeLessThanOrEqual(quota?.most.gpuCount ?? Infinity);
    expect(held.reservedWatts, id).toBeLessThanOrEqual(quota?.most.watts ?? Infinity);
    const below = [...children.values()].map((at) => known(state.shares.accounts[at], "account"));
    if (below.length > 0) {
      const sum = below.reduce((all, one) => all + energyNow(state, one), 0);
      expect(Math.abs(sum - energyNow(state, { held, usage })), id).toBeLessThan(1e-6 * (1 + sum));
    }
  }
}

function energyNow(
  state: EngineState,
  { usage, held }: Pick<AccountState, "usage" | "held">,
): number {
  return usageAt(usage, held, state.nowMs, shareHalfLifeMs).reservedMilliJoules;
}

test("accounts are charged what bounds add above idle, at every moment, and no quota is passed", () => {
  let lowered = 0;
  fc.assert(
    fc.property(fc.array(steps, { minLength: 5, maxLength: 40 }), (list: readonly Step[]) => {
      const world = new World(accounts);
      for (const step of list) {
        world.take(step);
        checkCharges(world);
        for (const { held } of world.site.attempts) {
          lowered += held.reservedWatts < held.admittedWatts ? 1 : 0;
        }
      }
      world.settle();
      checkCharges(world);
      let charged = 0n;
      for (const { number } of world.engine.state.jobs.after(0)) {
        const view = known(getJob(world.engine.state, number), "job");
        charged += toMillijoules(view.energyUpperBound);
      }
      expect(charged).toBe(world.boundMillijoules);
      const reader = new SnapshotReader();
      for (const chunk of encodeSnapshot(world.engine.state)) {
        reader.add(chunk);
      }
      const again = reader.finish();
      expect(stateDigest(again)).toBe(stateDigest(world.engine.state));
      expect(again.shares.accounts).toEqual(world.engine.state.shares.accounts);
    }),
    runs(60),
  );
  // Else it said nothing.
  expect(lowered).toBeGreaterThan(50);
});

/** What domains carry with so much above idle on each node of an attempt; idle, it is what nobody can go below. */
function loadOf(site: SiteState, gpuWatts: (attempt: Attempt) => number): Float64Array {
  const load = site.fixedScaled.slice();
  const above = new Map<number, number>();
  for (const attempt of site.attempts) {
    for (const node of attempt.heldNodes) {
      above.set(node, gpuWatts(attempt));
    }
  }
  site.nodeDomain.forEach((domain, node) => {
    const idle = Math.min(site.nodeBounds[node]?.[0] ?? 0, site.horizons[0]?.nodeWatts[node] ?? 0);
    const nodeWatts = idle + (above.get(node) ?? 0);
    load[domain] = (load[domain] ?? 0) + nodeWatts * (site.nodeMultiplier[domain] ?? 0);
  });
  for (let domain = load.length - 1; domain > 0; domain -= 1) {
    const parent = site.parent[domain] ?? 0;
    load[parent] = (load[parent] ?? 0) + (load[domain] ?? 0) * (site.parentMultiplier[domain] ?? 0);
  }
  return load;
}
