import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";
import { smallHub } from "../../testing/test-hub.ts";
import type { Attempt } from "../../state/job.ts";

/** Jobs that take no caps draw 6 kW above their idle nodes, which may be 8 kW, and 1.8 kW in a checkpoint. */
class DippingHub extends MeteredHub {
  readonly dipping: Set<number> = new Set();

  constructor() {
    super(smallHub());
  }

  override drawShare({ job }: Attempt): number {
    return this.dipping.has(job) ? 0.5625 : 1.875;
  }

  /** What is believed of all that the steering does not hold. */
  get restWatts(): number {
    return this.state.curtailments.records.get("noon")?.steering?.knowledge.restWatts ?? Number.NaN;
  }
}

/** Eight idle nodes and what is fixed. */
const besideWatts = 17_000;

/** Two jobs run for minutes; then one that begins at once. */
function atOnce(before: (hub: DippingHub, job: number) => void): DippingHub {
  const hub = new DippingHub();
  const job = hub.run({});
  hub.run({});
  hub.beginAll();
  hub.playUntil(hub.nowMs + 5 * minuteMs);
  before(hub, job);
  const now = { start: instant(hub.nowMs), ramp: milliseconds(0), target: watts(60_000) };
  expect(hub.curtail("noon", now)).toEqual({ kind: "done" });
  hub.playUntil(hub.nowMs + 10_000);
  return hub;
}

function world(): { readonly hub: DippingHub; readonly job: number } {
  const hub = new DippingHub();
  const job = hub.run({});
  hub.beginAll();
  const start = instant(hub.nowMs + 5 * minuteMs);
  expect(hub.curtail("noon", { start, target: watts(60_000) })).toEqual({ kind: "done" });
  hub.playUntil(hub.nowMs + minuteMs);
  expect(hub.restWatts).toBe(besideWatts + 6_000);
  return { hub, job };
}

test("a dip of who takes no caps is kept for him, also where another one begins to draw as much just then", () => {
  const { hub, job } = world();
  hub.dipping.add(job);
  hub.run({});
  hub.beginAll();
  hub.playUntil(hub.nowMs + 20_000);
  // Six kilowatts more, and what comes back.
  expect(hub.restWatts).toBeGreaterThan(besideWatts + 11_600);
  hub.dipping.clear();
  hub.playUntil(hub.nowMs + 10_000);
  expect(hub.restWatts).toBe(besideWatts + 12_000);
});

test("what he draws less for good is free after a while", () => {
  const { hub, job } = world();
  hub.dipping.add(job);
  hub.playUntil(hub.nowMs + 40 * minuteMs);
  expect(hub.restWatts).toBeLessThan(besideWatts + 2_000);
});

test("nothing is kept for who has ended in a dip", () => {
  const { hub, job } = world();
  hub.dipping.add(job);
  hub.playUntil(hub.nowMs + 20_000);
  hub.finish(job);
  hub.run({});
  hub.beginAll();
  hub.playUntil(hub.nowMs + 10_000);
  expect(hub.restWatts).toBeLessThan(besideWatts + 6_200);
});

test("who takes no caps and dips when a curtailment begins at once is kept what the domain drew before, and no more", () => {
  const hub = atOnce((at, job) => at.dipping.add(job));
  expect(hub.restWatts).toBe(besideWatts + 12_000);
  hub.playUntil(hub.nowMs + 20_000);
  expect(hub.restWatts).toBeGreaterThan(besideWatts + 11_500);
});

test("nothing is kept there for who has just ended, beside one that draws as it may", () => {
  const hub = atOnce((at, job) => at.finish(job));
  expect(hub.restWatts).toBe(besideWatts + 6_000);
});
