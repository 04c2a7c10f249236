import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import type { Attempt } from "../../state/job.ts";
import { known } from "../../state/assert.ts";
import { nodeOff } from "../../state/site-state.ts";
import { withCaps } from "../../testing/test-hub.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { mixedHub } from "../../testing/test-mixed-hub.ts";

/** The GPUs of the second hall are of another model, which takes no caps. */
const twoModels = withCaps(mixedHub()).replace("peak: 10 kW", "peak: 5.2 kW");

const usualShare = 0.85;

/** Measured once a minute. */
class SlowHub extends MeteredHub {
  uncappedShare = usualShare;
  mostWidened = 0;

  override get periodMs(): number {
    return minuteMs;
  }

  override drawShare({ curve }: Attempt): number {
    return curve === undefined ? this.uncappedShare : 0.95;
  }

  /** Minute by minute, in each of which who takes no caps draws so much. */
  play(...shares: readonly number[]): void {
    for (const share of shares) {
      this.uncappedShare = share;
      this.playUntil(this.nowMs + minuteMs);
      const { widenedBy = 0 } = this.state.curtailments.records.get("noon") ?? {};
      this.mostWidened = Math.max(this.mostWidened, widenedBy);
    }
  }
}

/**
 * A gang in the second hall that may give a node draws 9.4 kW, and takes no caps. Without notice a target of 9.7 kW is set
 * for 18 minutes, and holds after three of them.
 */
function curtailedGang(text: string = twoModels, rampMinutes = 3): SlowHub {
  const hub = new SlowHub(text);
  const gang = { nodeCount: 2, nodeCountMin: 1, gpuModel: "A100", capMin: watts(0) } as const;
  hub.run({ ...pausing, ...gang, flexibilityTier: 25 });
  hub.beginAll();
  hub.playUntil(hub.nowMs + 10 * minuteMs);
  const [start, end] = [instant(hub.nowMs), instant(hub.nowMs + 18 * minuteMs)];
  const asked = {
    target: watts(9_700),
    baseline: watts(13_440),
    ramp: milliseconds(rampMinutes * minuteMs),
  };
  const domain = hub.hall("hall-2");
  expect(hub.curtail("noon", { ...asked, domain, start, end })).toEqual({ kind: "done" });
  hub.wait(0);
  return hub;
}

function usually(minutes: number): readonly number[] {
  return Array.from({ length: minutes }, () => usualShare);
}

test("for one minute in which more is drawn than in others no floor gives way at the first look of a curtailment without notice", () => {
  const hub = curtailedGang();
  hub.play(usualShare, 0.9, ...usually(16));
  expect(hub.mostWidened).toBe(0);
  const { jobs, minutesOverCount } = known(complianceOf(hub.state, "noon"), "noon");
  expect(minutesOverCount).toBe(0);
  expect(jobs).toEqual([]);
});

test("where the target is passed by far for two whole minutes after that, floors give way", () => {
  const hub = curtailedGang();
  hub.play(usualShare, 0.9, 0.97, 0.97);
  expect(hub.mostWidened).toBe(0);
  hub.play(0.97, 0.97, 0.97);
  expect(hub.mostWidened).toBeGreaterThan(0);
  hub.play(0.97, 0.97);
  expect(hub.drawnWatts.find(([id]) => id === hub.hall("hall-2"))?.[1]).toBeLessThan(9_700);
});

test("for less than a hundredth of a target that is passed minute after minute no gang gives nodes beyond its tier", () => {
  const hub = curtailedGang();
  hub.play(usualShare, ...Array.from({ length: 16 }, () => 0.9));
  expect(hub.mostWidened).toBe(0);
  const { jobs, minutesOverCount } = known(complianceOf(hub.state, "noon"), "noon");
  expect(minutesOverCount).toBeGreaterThan(10);
  expect(jobs.filter(({ isTierBroken }) => isTierBroken)).toEqual([]);
});

test("nor for two or three, or for a few minutes with more, which is not worth what it would lose to the end", () => {
  const hub = curtailedGang();
  hub.play(usualShare, 0.915, 0.915, 0.915, 0.915, 0.915, 0.95, 0.95, 0.95);
  hub.play(...Array.from({ length: 9 }, () => 0.915));
  expect(hub.mostWidened).toBe(0);
  const { jobs } = known(complianceOf(hub.state, "noon"), "noon");
  expect(jobs.filter(({ isTierBroken }) => isTierBroken)).toEqual([]);
});

test.each([9, 10, 11])(
  "nor for one minute in which far more is drawn, however old the plan is (minute %i)",
  (minute) => {
    const hub = curtailedGang();
    hub.play(
      ...usually(5),
      ...Array.from({ length: minute - 5 }, () => 0.885),
      1,
      ...usually(16 - minute),
    );
    expect(hub.mostWidened).toBe(0);
    const { jobs } = known(complianceOf(hub.state, "noon"), "noon");
    expect(jobs.filter(({ isTierBroken }) => isTierBroken)).toEqual([]);
  },
);

test("nodes that wait for a ramp go off when it lets them, also where a first look finds no plan that keeps all floors", () => {
  const hub = curtailedGang(twoModels.replace("feed:", "feed:\n  ramp: 1 kW/min over 60 s"), 5);
  hub.play(usualShare, 0.9);
  const off = [...hub.site.nodeFlags].filter((flags) => (flags & nodeOff) !== 0);
  expect(off).toHaveLength(2);
});
