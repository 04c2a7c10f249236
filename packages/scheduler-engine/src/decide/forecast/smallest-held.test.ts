import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { known } from "../../state/assert.ts";
import { MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";
import { hourMs } from "../../testing/test-hub.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import type { Infeasible } from "./forecast-refusal.ts";

/** What GPUs draw grows, as it did since they began; curves say 0.95 of a cap. */
class GrowingHub extends MeteredHub {
  readonly #fromMs = this.nowMs;
  readonly #perMinute: number;

  constructor(perMinute: number) {
    super();
    this.#perMinute = perMinute;
  }

  override drawShare(): number {
    return 0.95 + (this.#perMinute * (this.nowMs - this.#fromMs)) / minuteMs;
  }

  /** In its hall with all four nodes, two of them used. */
  get hallWatts(): number {
    return known(
      this.drawnWatts.find(([id]) => id === this.hall("hall-1")),
      "its draw",
    )[1];
  }
}

/** A job of each tier, measured for so long. */
function growingHub(
  perMinute: number,
  minutes: number,
  ...tiers: readonly FlexibilityTier[]
): GrowingHub {
  const hub = new GrowingHub(perMinute);
  for (const flexibilityTier of tiers) {
    hub.run({
      flexibilityTier,
      workloadClass: "straight",
      walltime: milliseconds(10 * hourMs),
    });
  }
  hub.beginAll();
  hub.playUntil(hub.nowMs + minutes * minuteMs);
  return hub;
}

/** An hour of their hall, five minutes from now. */
function hourOf(hub: GrowingHub, targetWatts: number): Curtailment {
  const startMs = hub.nowMs + 5 * minuteMs;
  return hub.curtailment("later", {
    domain: hub.hall("hall-1"),
    target: watts(targetWatts),
    baseline: watts(14_100),
    start: instant(startMs),
    ramp: milliseconds(0),
  });
}

function refusalOf(hub: GrowingHub): Infeasible {
  const refused = previewCurtailment(hub.state, hourOf(hub, 6_000));
  return known(refused.kind === "rejected" ? refused.infeasible : undefined, "a refusal");
}

function riskOf(hub: GrowingHub, targetWatts: number): number | undefined {
  const answer = previewCurtailment(hub.state, hourOf(hub, targetWatts));
  return answer.kind === "preview" ? answer.forecast.overPermille : undefined;
}

test("the smallest target where only protected jobs run is held to its end, though what they draw grows as it did", () => {
  const hub = growingHub(0.0004, 30, 0, 0);
  const { smallest, unsheddable } = refusalOf(hub);
  expect(toNumber(known(unsheddable, "what nobody sheds").keptFree)).toBeGreaterThan(0);
  expect(riskOf(hub, toNumber(smallest))).toBe(0);
  expect(hub.curtail("later", hourOf(hub, toNumber(smallest)))).toEqual({ kind: "done" });
  const startMs = hub.nowMs + 5 * minuteMs;
  const over: number[] = [];
  hub.playUntil(startMs + hourMs, () => {
    if (hub.nowMs > startMs + 10_000 && hub.hallWatts > toNumber(smallest)) {
      over.push(hub.nowMs);
    }
  });
  expect(over).toEqual([]);
  // And not much more is named than will be drawn.
  expect(hub.hallWatts).toBeGreaterThan(0.99 * toNumber(smallest));
});

test("what was measured to stay as it is takes no target away, what was not is kept free", () => {
  // By curves 10,080 W, with what every plan leaves free 10,172.
  expect(toNumber(refusalOf(growingHub(0, 30, 0, 0)).smallest)).toBe(10_172);
  const spread = toNumber(refusalOf(growingHub(0, 3, 0, 0)).smallest);
  expect(spread).toBeGreaterThan(10_172);
  expect(spread).toBeLessThan(1.03 * 10_172);
});

test("nothing is kept free where somebody can be lowered further, and the preview tells what may be over by then", () => {
  const hub = growingHub(0.0004, 30, 0, 25);
  const { smallest, unsheddable } = refusalOf(hub);
  expect(unsheddable?.keptFree).toBe(watts(0));
  expect(riskOf(hub, toNumber(smallest))).toBeGreaterThan(0);
  // With room above its floor it gives what is missing.
  expect(riskOf(hub, Math.round(1.05 * toNumber(smallest)))).toBe(0);
});
