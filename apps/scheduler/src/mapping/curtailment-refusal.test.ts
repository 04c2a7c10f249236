import { instant, milliseconds, watts } from "@ertis/quantities";
import { type Curtailment, Engine, type Infeasible, defaultLimits } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import { refusalToApi } from "./curtailment-refusal.ts";

const curtailment: Curtailment = {
  id: "c",
  site: "t",
  domain: "t",
  mode: "emergency",
  target: watts(150_000),
  baseline: watts(0),
  start: instant(0),
  end: instant(3_600_000),
  ramp: milliseconds(0),
  reason: "market",
  setBy: "olga",
  noticedAt: instant(0),
};

/** Without the floors of tier 25 it takes 20 kW less, without those of tier 10 but 1 kW, of tier 50 nothing. */
function possible(changes: Partial<Infeasible>): readonly number[] {
  const infeasible: Infeasible = {
    kind: "infeasible",
    domain: "t",
    smallest: watts(190_000),
    gains: [
      { tierPercent: 50, frees: watts(0) },
      { tierPercent: 25, frees: watts(20_000) },
      { tierPercent: 10, frees: watts(1_000) },
    ],
    enough: [25],
    reserved: [],
    shedsBelow: watts(185_000),
    isAnyPossible: false,
    inTheWay: undefined,
    beside: [],
    isUntilSettled: false,
    isRough: false,
    areTiersRough: false,
    ...changes,
  };
  const { state } = new Engine(defaultLimits);
  const rejection = { kind: "rejected", code: "curtailment-breaks-floors", message: "m" } as const;
  const refusal = refusalToApi(state, curtailment, rejection, infeasible);
  expect(refusal.smallestTargetWatts > 0).toBe(changes.isAnyPossible ?? false);
  return refusal.gains.map((gain) => gain.possibleWatts);
}

test("what would be possible without a tier's floors is told, also where nothing is that keeps them all", () => {
  expect(possible({})).toEqual([0, 170_000, 0]);
  expect(possible({ shedsBelow: watts(195_000), isAnyPossible: true })).toEqual([
    190_000, 170_000, 189_000,
  ]);
  expect(possible({ inTheWay: { ceiling: watts(1), budget: undefined } })).toEqual([]);
});
