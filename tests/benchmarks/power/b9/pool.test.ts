import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultPoolSettings, type PoolNode } from "./pool-node.ts";
import { evenCaps, pool, startPool, type PoolState } from "./pool.ts";

const boundWatts = 10_000;
const floorCapWatts = 4_000;

function nodesOf(gangs: readonly number[], capInForceWatts: number): PoolNode[] {
  return gangs.map((gang, id) => ({ id, gang, boundWatts, floorCapWatts, capInForceWatts }));
}

interface Play {
  readonly gangs: readonly number[];
  readonly limitWatts: number;
  /** What a node would draw in a second without a cap. */
  wantedWatts(id: number, second: number): number;
  isMeasured?(id: number, second: number): boolean;
  isAcknowledged?(id: number, second: number): boolean;
}

interface Second {
  readonly capWatts: readonly number[];
  readonly drawnWatts: readonly number[];
  /** Sum of the caps in force after what was sent: a raise counts at once, a lowering when acknowledged. */
  readonly inForceWatts: number;
}

function play(plan: Play, secondCount: number): readonly Second[] {
  let state: PoolState = startPool([], new Map(), 0);
  const even = Math.floor(plan.limitWatts / plan.gangs.length);
  let nodes = nodesOf(plan.gangs, Math.min(boundWatts, even));
  const seconds: Second[] = [];
  for (let second = 0; second < secondCount; second += 1) {
    const drawnWatts = nodes.map((node) =>
      Math.min(node.capInForceWatts, plan.wantedWatts(node.id, second)),
    );
    const heard = drawnWatts.map((watts, id) => [id, watts] as const);
    const nodeWatts = new Map(heard.filter(([id]) => plan.isMeasured?.(id, second) ?? true));
    const measurement = { atMs: (second + 1) * 1_000, nodeWatts };
    const { limitWatts } = plan;
    const step = pool(state, { nodes, limitWatts, measurement, settings: defaultPoolSettings });
    state = step.state;
    const caps = new Map(step.caps.map(({ id, capWatts }) => [id, capWatts]));
    nodes = nodes.map((node) => {
      const asked = caps.get(node.id) ?? node.capInForceWatts;
      const isTaken = plan.isAcknowledged?.(node.id, second) ?? true;
      return { ...node, capInForceWatts: isTaken ? asked : Math.max(asked, node.capInForceWatts) };
    });
    const capWatts = nodes.map((node) => node.capInForceWatts);
    const inForceWatts = capWatts.reduce((sum, watts) => sum + watts, 0);
    seconds.push({ capWatts, drawnWatts, inForceWatts });
  }
  return seconds;
}

const anyCase = fc.record({
  gangs: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 12 }),
  limitShare: fc.double({ min: 0.45, max: 1, noNaN: true }),
  draws: fc.array(fc.integer({ min: 2_000, max: 10_000 }), { minLength: 20, maxLength: 60 }),
  lost: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 20, maxLength: 60 }),
});

describe("the caps in force never exceed the limit", () => {
  test("whatever is drawn, measured and acknowledged, and no node is below its floor", () => {
    fc.assert(
      fc.property(anyCase, ({ gangs, limitShare, draws, lost }) => {
        const at = (list: readonly number[], id: number, second: number): number =>
          list[(second * 7 + id * 3) % list.length] ?? 0;
        const limitWatts = limitShare * boundWatts * gangs.length;
        const plan: Play = {
          gangs,
          limitWatts,
          wantedWatts: (id, second) => at(draws, id, second),
          isMeasured: (id, second) => at(lost, id, second) !== 0,
          isAcknowledged: (id, second) => at(lost, id, second) > 2,
        };
        for (const { inForceWatts, capWatts } of play(plan, 120)) {
          expect(inForceWatts).toBeLessThanOrEqual(limitWatts);
          expect(Math.min(...capWatts)).toBeGreaterThanOrEqual(floorCapWatts);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("watts move to where they are wanted", () => {
  const gangs = [0, 0, 1, 1];
  const limitWatts = 30_000;

  test("from a gang that waits to one that works, and back when it wakes", () => {
    const wantedWatts = (id: number, second: number): number =>
      id >= 2 && second >= 100 && second < 200 ? 3_000 : 9_000;
    const seconds = play({ gangs, limitWatts, wantedWatts }, 300);
    expect(seconds[90]?.drawnWatts[0]).toBeLessThan(7_600);
    expect(seconds[190]?.drawnWatts[0]).toBe(9_000);
    const back = seconds[206]?.drawnWatts ?? [];
    expect(Math.min(...back)).toBeGreaterThan(7_000);
  });

  test("a silent node counts at its bound and lends nothing", () => {
    const wantedWatts = (id: number): number => (id >= 2 ? 3_000 : 9_000);
    const isMeasured = (id: number, second: number): boolean => id < 2 || second < 50;
    const seconds = play({ gangs, limitWatts, wantedWatts, isMeasured }, 120);
    expect(seconds[48]?.drawnWatts[0]).toBe(9_000);
    expect(seconds[110]?.capWatts[2]).toBeGreaterThan(7_400);
    expect(seconds[110]?.drawnWatts[0]).toBeLessThan(7_600);
  });

  test("when nobody is measured, all are capped alike", () => {
    const seconds = play(
      { gangs, limitWatts, wantedWatts: () => 9_000, isMeasured: () => false },
      60,
    );
    expect(new Set(seconds.at(-1)?.capWatts)).toEqual(new Set([7_500]));
    const caps = evenCaps(nodesOf(gangs, floorCapWatts), limitWatts);
    expect(caps.map(({ capWatts }) => capWatts)).toEqual([7_500, 7_500, 7_500, 7_500]);
  });

  test("a raise waits for the lowering it is paid from", () => {
    const wantedWatts = (id: number, second: number): number =>
      id >= 2 && second >= 100 ? 3_000 : 9_000;
    const isAcknowledged = (id: number, second: number): boolean => id < 2 || second >= 150;
    const seconds = play({ gangs, limitWatts, wantedWatts, isAcknowledged }, 200);
    expect(seconds[145]?.capWatts[0]).toBeLessThan(7_600);
    expect(seconds[160]?.capWatts[0]).toBeGreaterThan(8_900);
  });

  test("what was learned under another gang is forgotten", () => {
    const nodes = nodesOf([0], 7_000);
    const settings = defaultPoolSettings;
    const known = startPool(nodes, new Map([[0, 5_000]]), 0);
    const measurement = { atMs: 1_000, nodeWatts: new Map([[0, 3_000]]) };
    const other = pool(known, {
      nodes: nodesOf([9], 7_000),
      limitWatts: 9_000,
      measurement,
      settings,
    });
    expect(other.state.nodes.get(0)?.peakWatts).toBeGreaterThan(9_900);
    // Nor before it is measured under the new one: as one that is not known it wants its bound.
    const silent = { atMs: 1_000, nodeWatts: new Map<number, number>() };
    const two = nodesOf([9, 1], 4_000);
    const both = startPool(
      nodesOf([0, 1], 4_000),
      new Map([
        [0, 5_000],
        [1, 5_000],
      ]),
      0,
    );
    const step = pool(both, { nodes: two, limitWatts: 15_000, measurement: silent, settings });
    expect(step.caps).toEqual([
      { id: 0, capWatts: 10_000 },
      { id: 1, capWatts: 5_000 },
    ]);
  });
});
