import { instant, milliseconds, roundWattsUp, toNumber, watts } from "@ertis/quantities";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { curtailment, minuteMs, schedule } from "../../testing/test-full-hub.ts";
import { cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";
import { MeteredHub } from "../../testing/test-metered-hub.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { Infeasible } from "./forecast-refusal.ts";

const jobs = fc.record({
  tier: fc.constantFrom<FlexibilityTier>(0, 10, 25, 50),
  nodes: fc.integer({ min: 1, max: 4 }),
  isMalleable: fc.boolean(),
  gpus: fc.constantFrom(4, 8),
  /** 0: it cannot pause. */
  saveSeconds: fc.constantFrom(0, 15, 45, 90, 120),
});

const asks = fc.record({
  jobs: fc.array(jobs, { minLength: 2, maxLength: 8 }),
  minutes: fc.constantFrom(2, 4, 6, 10, 30),
  part: fc.double({ min: 0.4, max: 0.85, noNaN: true }),
});
type Ask = typeof asks extends fc.Arbitrary<infer Value> ? Value : never;

/** Two halls of 12 nodes, with jobs on some of them; the others may go off. */
function hubOf<Kind extends Hub>(
  { jobs: all }: Pick<Ask, "jobs">,
  Kind: new (text: string) => Kind,
): Kind {
  const text = cappedHub().replace("nodes: 2 ×", "nodes: 6 ×");
  const hub = new Kind(
    text.replaceAll("50 kW", "150 kW").replaceAll("limit: 100 kW", "limit: 250 kW"),
  );
  const restore = milliseconds(minuteMs);
  for (const { tier, nodes, isMalleable, gpus, saveSeconds } of all) {
    const checkpoint = { save: milliseconds(saveSeconds * 1_000), restore };
    hub.submit({
      workloadClass: "straight",
      flexibilityTier: tier,
      nodeCount: nodes,
      nodeCountMin: isMalleable ? 1 : nodes,
      gpusPerNode: gpus,
      walltime: milliseconds(9 * hourMs),
      ...(saveSeconds === 0 ? {} : { checkpoint }),
    });
  }
  hub.place();
  return hub;
}

const sets: readonly (readonly FlexibilityTier[])[] = [
  [],
  [50],
  [25],
  [10],
  [50, 25],
  [50, 25, 10],
];

/** Undefined: it is accepted. */
function refusalOf(
  hub: Hub,
  minutes: number,
  targetWatts: number,
  giveUp: readonly FlexibilityTier[],
): Infeasible | undefined {
  const [start, end] = [hub.nowMs, hub.nowMs + minutes * minuteMs].map(instant);
  const span = { start: start ?? instant(0), end: end ?? instant(0) };
  const ask = { target: watts(Math.round(targetWatts)), giveUp, ...span };
  const answer = previewCurtailment(hub.state, curtailment(ask));
  return answer.kind === "rejected" ? answer.infeasible : undefined;
}

test("what an emergency is refused with is accepted when it is typed back, a hundredth less is not or is said to be possible, and who allows more is never asked for more", () => {
  let refusedCount = 0;
  fc.assert(
    fc.property(asks, (ask) => {
      const hub = hubOf(ask, Hub);
      const asked = hub.feedWatts() * ask.part;
      const refusals = sets.map((given) => refusalOf(hub, ask.minutes, asked, given));
      for (const [at, given] of sets.entries()) {
        const refused = refusals[at];
        const more = sets.filter((other) => given.every((tier) => other.includes(tier)));
        for (const other of more.map((one) => refusals[sets.indexOf(one)])) {
          const most = refused === undefined ? 0 : toNumber(refused.smallest);
          expect(other === undefined ? 0 : toNumber(other.smallest)).toBeLessThanOrEqual(most);
        }
        if (refused !== undefined) {
          refusedCount += 1;
          // Three digits are written.
          const smallest = toNumber(roundWattsUp(refused.smallest));
          expect(refusalOf(hub, ask.minutes, smallest, given)).toBeUndefined();
          const less = refusalOf(hub, ask.minutes, smallest * 0.99, given);
          expect(less !== undefined || refused.isRough).toBe(true);
        }
      }
    }),
    { seed: 11, numRuns: 8 },
  );
  // Else it said nothing.
  expect(refusedCount).toBeGreaterThan(20);
});

/** As a refusal writes them: what it names, and each with the floors that are given up for it. */
function namedBy(
  { inTheWay, isAnyPossible, smallest, enough, gains, shedsBelow, withAllGivenUp }: Infeasible,
  { target, giveUp = [] }: Curtailment,
): readonly Pick<Curtailment, "target" | "giveUp">[] {
  const own = inTheWay === undefined && isAnyPossible ? [{ target: smallest, giveUp }] : [];
  const without = gains.map(({ tierPercent, frees }) => ({
    target: watts(Math.max(1, Number(smallest) - Number(frees))),
    giveUp: [...giveUp, tierPercent as FlexibilityTier],
  }));
  return [
    ...own,
    ...(enough === undefined ? [] : [{ target, giveUp: enough }]),
    ...(withAllGivenUp === undefined ? [] : [withAllGivenUp]),
    ...(inTheWay === undefined ? without.filter((one) => one.target < shedsBelow) : []),
  ];
}

/** Of the one tier that is left to give up: the targets that its row and the last resort name, which are the same. */
function lastOf(refused: Infeasible, { giveUp = [] }: Curtailment): readonly number[] {
  const { smallest, gains, withAllGivenUp: all } = refused;
  const [tier, ...more] = all?.giveUp.filter((one) => !giveUp.includes(one)) ?? [];
  const gain = more.length > 0 ? undefined : gains.find((one) => one.tierPercent === tier);
  return gain === undefined ? [] : [Number(all?.target), Number(smallest) - Number(gain.frees)];
}

/** How much was named; all of it is accepted in the figures in which it is written. */
function expectAccepted(hub: Hub, asked: Curtailment): number {
  const answer = previewCurtailment(hub.state, asked);
  const refused = answer.kind === "rejected" ? answer.infeasible : undefined;
  const named = refused === undefined ? [] : namedBy(refused, asked);
  expect(new Set(refused && lastOf(refused, asked)).size).toBeLessThanOrEqual(1);
  for (const one of named) {
    for (const target of new Set([one.target, roundWattsUp(one.target)])) {
      const back = previewCurtailment(hub.state, { ...asked, ...one, target });
      expect(back.kind === "rejected" ? back.message : "accepted").toBe("accepted");
    }
  }
  return named.length;
}

const halls = fc.constantFrom("hall-1", "hall-2");
const besides = fc.record({
  ask: asks,
  hall: halls,
  given: fc.constantFrom<readonly FlexibilityTier[]>([50, 25], [10, 0], [50, 25, 10, 0]),
  givenPart: fc.double({ min: 0.5, max: 0.8, noNaN: true }),
  /** It is over before the other is, or after it. */
  givenMinutes: fc.constantFrom(2, 5, 20, 60),
  domain: fc.oneof(fc.constant("hub"), halls),
});

function loadAt(hub: Hub, name: string): { readonly id: string; readonly watts: number } {
  const site = hub.state.sites.get("hub");
  const at = site?.site.domains.findIndex(({ id }) => id.endsWith(name)) ?? -1;
  const { id = "", loadScale = 1 } = site?.site.domains[at] ?? {};
  return { id, watts: (site?.horizons[0]?.load[at] ?? 0) / loadScale };
}

test("beside an emergency that gives floors up all that another is refused with is accepted when it is typed back, also where that one is over first", () => {
  let namedCount = 0;
  fc.assert(
    fc.property(besides, ({ ask, hall, given, givenPart, givenMinutes, domain }) => {
      const hub = hubOf(ask, Hub);
      const span = (minutes: number): Pick<Curtailment, "start" | "end"> => ({
        start: instant(hub.nowMs),
        end: instant(hub.nowMs + minutes * minuteMs),
      });
      const deep = loadAt(hub, hall);
      const target = watts(Math.round(deep.watts * givenPart));
      const other = { id: "deep", domain: deep.id, giveUp: given, target, ...span(givenMinutes) };
      schedule(hub, other);
      const { id, watts: carried } = loadAt(hub, domain);
      const asked = watts(Math.round(carried * ask.part));
      const baseline = watts(Math.round(carried));
      const wish = { domain: id, target: asked, baseline, ...span(ask.minutes) };
      namedCount += expectAccepted(hub, curtailment(wish));
    }),
    { seed: 5, numRuns: 25 },
  );
  expect(namedCount).toBeGreaterThan(20);
});

const planned = fc.record({
  jobs: fc.array(jobs, { minLength: 4, maxLength: 8 }),
  hall: halls,
  innerPart: fc.double({ min: 0.6, max: 0.95, noNaN: true }),
  innerMinutes: fc.tuple(fc.integer({ min: 5, max: 30 }), fc.integer({ min: 10, max: 60 })),
  part: fc.double({ min: 0.35, max: 0.75, noNaN: true }),
  budget: fc.record({
    name: fc.constantFrom("hub", "hall-1", "hall-2", "none"),
    part: fc.double({ min: 0.7, max: 1, noNaN: true }),
  }),
  domain: fc.oneof(fc.constant("hub"), halls),
});

test("beside a planned one, below budgets and above them all that a planned one is refused with is accepted when it is typed back", () => {
  let namedCount = 0;
  fc.assert(
    fc.property(planned, ({ budget, innerMinutes: [startsIn, lasts], ...ask }) => {
      const hub = hubOf(ask, MeteredHub);
      hub.beginAll();
      hub.playUntil(hub.nowMs + 3 * minuteMs);
      const start = instant(hub.nowMs + startsIn * minuteMs);
      const inner = loadAt(hub, ask.hall);
      hub.curtail("inner", {
        domain: inner.id,
        target: watts(Math.round(inner.watts * ask.innerPart)),
        start,
        end: instant(Number(start) + lasts * minuteMs),
      });
      const bound = loadAt(hub, budget.name);
      if (bound.id !== "") {
        const window: [number, number] = [hub.nowMs + 10 * minuteMs, hub.nowMs + hourMs];
        hub.budget("evening", bound.id, Math.round(bound.watts * budget.part), window);
      }
      const { id, watts: carried } = loadAt(hub, ask.domain);
      const target = watts(Math.round(carried * ask.part));
      const wish = { domain: id, target, baseline: watts(Math.round(carried)) };
      namedCount += expectAccepted(hub, hub.curtailment("outer", wish));
    }),
    { seed: 3, numRuns: 20 },
  );
  expect(namedCount).toBeGreaterThan(20);
});
