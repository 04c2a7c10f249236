import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { MeteredHub, minuteMs } from "../../testing/test-metered-hub.ts";
import { smallHub } from "../../testing/test-hub.ts";
import type { Attempt } from "../../state/job.ts";

/** Jobs that take no caps draw 3 kW above their idle nodes, and less in a checkpoint. */
class DippingHub extends MeteredHub {
  readonly dipping: Set<number> = new Set();

  constructor() {
    super(smallHub());
  }

  override drawShare({ job }: Attempt): number {
    return this.dipping.has(job) ? 0.3 : 0.9375;
  }

  /** What is believed of all that the steering does not hold. */
  get restWatts(): number {
    return this.state.curtailments.records.get("noon")?.steering?.knowledge.restWatts ?? Number.NaN;
  }
}

/** Eight idle nodes and what is fixed. */
const besideWatts = 17_000;

function world(): { readonly hub: DippingHub; readonly job: number } {
  const hub = new DippingHub();
  const job = hub.run({});
  hub.beginAll();
  const start = instant(hub.nowMs + 5 * minuteMs);
  expect(hub.curtail("noon", { start, target: watts(60_000) })).toEqual({ kind: "done" });
  hub.playUntil(hub.nowMs + minuteMs);
  expect(hub.restWatts).toBe(besideWatts + 3_000);
  return { hub, job };
}

test("a dip of who takes no caps is kept for him, also where another one begins to draw as much just then", () => {
  const { hub, job } = world();
  hub.dipping.add(job);
  hub.run({});
  hub.beginAll();
  hub.playUntil(hub.nowMs + 20_000);
  // Three more kilowatts, and what comes back.
  expect(hub.restWatts).toBeGreaterThan(besideWatts + 5_800);
  hub.dipping.clear();
  hub.playUntil(hub.nowMs + 10_000);
  expect(hub.restWatts).toBe(besideWatts + 6_000);
});

test("what he draws less for good is free after minutes", () => {
  const { hub, job } = world();
  hub.dipping.add(job);
  hub.playUntil(hub.nowMs + 20 * minuteMs);
  expect(hub.restWatts).toBeLessThan(besideWatts + 1_200);
});

test("nothing is kept for who has ended in a dip", () => {
  const { hub, job } = world();
  hub.dipping.add(job);
  hub.playUntil(hub.nowMs + 20_000);
  hub.finish(job);
  hub.run({});
  hub.beginAll();
  hub.playUntil(hub.nowMs + 10_000);
  expect(hub.restWatts).toBeLessThan(besideWatts + 3_100);
});
