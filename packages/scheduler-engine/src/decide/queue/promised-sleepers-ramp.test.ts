import { reportRamp } from "@ertis/power-planning/testing";
import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { wakeMs } from "../../limits.ts";
import { comingRises } from "../../power/ramp/ramp-coming.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import { nodeAsleep, nodeOff, type SiteState } from "../../state/site-state.ts";
import type { Reply } from "../../words/reply.ts";
import { code, schedule } from "../../testing/test-full-hub.ts";
import { rampedHub, RampedHub } from "../../testing/test-ramped-hub.ts";

const minuteMs = 60_000;
const sleepers = [4, 5, 6, 7];

/** Half the nodes run for an hour and a half, the others are kept idle for a job of all eight. */
class PromisedHub extends RampedHub {
  readonly head: number;
  readonly promisedMs: number;

  constructor(ramp: string) {
    super(rampedHub(ramp));
    this.run({ nodeCount: 4, walltime: milliseconds(90 * minuteMs) });
    this.pass(300);
    this.head = this.run({ nodeCount: 8, walltime: milliseconds(90 * minuteMs) });
    const [first] = this.site.pools.flatMap((pool) => pool.reservations);
    this.promisedMs = known(first, "promise").startAtMs;
  }

  get site(): SiteState {
    return known(this.state.sites.get("hub"), "site");
  }

  get offNodes(): readonly number[] {
    return [...this.site.nodeFlags.keys()].filter((node) => this.site.nodeFlags[node] !== 0);
  }

  override measureAll(): void {
    for (const [node, flags] of this.site.nodeFlags.entries()) {
      if ((flags & nodeAsleep) !== 0 && (flags & nodeOff) === 0) {
        this.report({ kind: "node-powered-off", node });
      }
    }
  }

  passUntil(atMs: number): void {
    this.pass((atMs - this.nowMs) / 1_000);
  }
}

/** What nodes that will be woken keep from others, as soon as it is near. */
function ofWakes({ state, site, promisedMs }: PromisedHub): readonly number[] {
  const ramps = known(state.ramps.get("hub"), "ramps");
  const scale = site.site.domains[0]?.loadScale ?? 1;
  return comingRises(state, site, ramps, { job: undefined, untilMs: promisedMs })
    .filter(({ settleMs }) => settleMs === wakeMs)
    .map(({ steps }) => (steps.get(0) ?? 0) / scale);
}

test.each([
  ["is wide", "20 kW/min over 60 s", 20, 7],
  ["takes several steps", "6 kW/min over 60 s", 6, 22],
])("under a ramp that %s they are back in time", (_, ramp, kilowatts, minutesBefore) => {
  const hub = new PromisedHub(ramp);
  const { promisedMs } = hub;
  const endMs = promisedMs - minutesBefore * minuteMs;
  expect(code(curtailUntil(hub, endMs))).toBe("done");
  hub.passUntil(endMs);
  expect(hub.offNodes).toEqual(sleepers);
  expect(ofWakes(hub)).toEqual([Math.min(8_000, kilowatts * 1_000)]);
  expectAllOnInRamp(hub, promisedMs, kilowatts);
  expectStarted(hub, promisedMs);
});

test.each([
  ["is wide, with too little time for its window", "20 kW/min over 60 s", 20, 6],
  ["takes several steps, for which there is no time", "6 kW/min over 60 s", 6, 20],
])(
  "under a ramp that %s the start is moved until they are",
  (_, ramp, kilowatts, minutesBefore) => {
    const hub = new PromisedHub(ramp);
    const endMs = hub.promisedMs - minutesBefore * minuteMs;
    const reply = curtailUntil(hub, endMs);
    const [moved] = reply.kind === "done" ? (reply.moved ?? []) : [];
    const movedMs = Number(known(moved?.to, "its new start").start);
    const { wakeLeadMs } = known(hub.state.ramps.get("hub"), "ramps");
    expect(movedMs).toBe(endMs + minuteMs + wakeLeadMs);
    hub.passUntil(endMs);
    expect(hub.offNodes).toEqual(sleepers);
    expectAllOnInRamp(hub, movedMs, kilowatts);
    expectStarted(hub, movedMs);
  },
);

test("under a ramp that is too slow for a single node they stay on, and the curtailment is refused", () => {
  const hub = new PromisedHub("2 kW/min over 60 s");
  const { promisedMs } = hub;
  const reply = curtailUntil(hub, promisedMs - 22 * minuteMs);
  expect(reply).toMatchObject({
    code: "curtailment-breaks-floors",
    message: expect.stringContaining(`4 idle nodes stay on with 8.00 kW for job ${hub.head}`),
  });
  expectStarted(hub, promisedMs);
});

/** Without idle nodes 21.8 kW are left. */
function curtailUntil(hub: PromisedHub, endMs: number): Reply {
  const start = instant(hub.nowMs + 15 * minuteMs);
  return schedule(hub, {
    mode: "planned",
    target: watts(23_000),
    start,
    end: instant(endMs),
  });
}

function expectAllOnInRamp(hub: PromisedHub, startAtMs: number, kilowatts: number): void {
  hub.steps.length = 0;
  hub.passUntil(startAtMs - minuteMs);
  expect(hub.offNodes).toEqual([]);
  const limit = { watts: kilowatts * 1_000, perMs: 60_000, windowMs: 60_000 };
  // The others end meanwhile, all at once: what rises is judged alone, and before the start, which is a larger step.
  const startedMs = startedMsOf(hub) ?? Infinity;
  const rises = hub.steps.filter(({ atMs, watts: step }) => step > 0 && atMs < startedMs);
  expect(reportRamp(limit, rises).steepestUpWatts).toBeLessThanOrEqual(limit.watts);
}

function expectStarted(hub: PromisedHub, promisedMs: number): void {
  hub.passUntil(promisedMs + 1_000);
  expect(startedMsOf(hub)).toBeLessThanOrEqual(promisedMs);
}

function startedMsOf({ state, head }: PromisedHub): number | undefined {
  return activeAttempts(known(state.jobs.get(head), "head"))[0]?.startedAtMs;
}
