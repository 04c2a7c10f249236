import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { hourMs } from "../../testing/test-hub.ts";
import type { Reply } from "../../words/reply.ts";
import { MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";

/** GPUs draw so much of their cap; their curves say 0.95. */
class HungryHub extends MeteredHub {
  readonly #share: number;

  constructor(share: number) {
    super();
    this.#share = share;
  }

  override drawShare(): number {
    return this.#share;
  }
}

/** Two jobs that may lose nothing, with a hall of four nodes for themselves: 14,080 W by curves, 10,080 W of them theirs. */
function hungryHub(share: number): { readonly hub: HungryHub; readonly jobs: readonly number[] } {
  const hub = new HungryHub(share);
  const spec = { workloadClass: "straight", walltime: milliseconds(10 * hourMs) } as const;
  const jobs = [hub.run(spec), hub.run(spec)];
  hub.beginAll();
  hub.playUntil(hub.nowMs + 10 * minuteMs);
  return { hub, jobs };
}

/** What a curtailment of their hall in an hour is answered. */
function curtailed(hub: HungryHub, targetWatts: number): Reply {
  return hub.curtail("later", {
    domain: hub.hall("hall-1"),
    target: watts(targetWatts),
    baseline: watts(14_100),
    start: instant(hub.nowMs + hourMs),
    ramp: milliseconds(0),
  });
}

test("a target is refused that jobs which give nothing pass by what they are measured to draw more than their curves say", () => {
  // With all idle nodes off they draw 10,400 W.
  const { hub } = hungryHub(1);
  expect(curtailed(hub, 10_250).kind).toBe("rejected");
  expect(curtailed(hub, 10_500)).toEqual({ kind: "done" });
});

test("what is measured a little more than curves say is believed, and what that may grow by is kept free up to the caps", () => {
  // They draw 10,195 W, and 10,400 at most.
  expect(curtailed(hungryHub(0.968).hub, 10_190).kind).toBe("rejected");
  expect(curtailed(hungryHub(0.968).hub, 10_410)).toEqual({ kind: "done" });
});

test("what those drew who have just left is nothing that others draw more", () => {
  const { hub, jobs } = hungryHub(0.95);
  hub.finish(jobs[1] ?? 0);
  expect(curtailed(hub, 5_200)).toEqual({ kind: "done" });
});

test("nor is it theirs what others draw more, who keep their part of it at their floors", () => {
  const hub = new HungryHub(1);
  const long = { workloadClass: "straight", walltime: milliseconds(10 * hourMs) } as const;
  hub.run(long);
  hub.run({ ...long, flexibilityTier: 50 });
  hub.beginAll();
  hub.playUntil(hub.nowMs + 10 * minuteMs);
  // By curves 5,040 W, and the other one at half of its cap 3,520: they draw 5,200 and 3,600.
  expect(curtailed(hub, 8_700).kind).toBe("rejected");
  expect(curtailed(hub, 8_810)).toEqual({ kind: "done" });
});
