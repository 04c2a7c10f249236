import { reportRamp } from "@ertis/power-planning";
import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { wakeMs } from "../limits.ts";
import { comingRises } from "../power/ramp-coming.ts";
import { known } from "../state/assert.ts";
import { activeAttempts } from "../state/job.ts";
import { nodeAsleep, nodeOff, type SiteState } from "../state/site-state.ts";
import { code, schedule } from "./test-full-hub.ts";
import { rampedHub, RampedHub } from "./test-ramped-hub.ts";

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
  ["is wide", "20 kW/min over 60 s", 20, 7, "done"],
  [
    "is wide, with too little time for its window",
    "20 kW/min over 60 s",
    20,
    6,
    "curtailment-breaks-floors",
  ],
  ["takes several steps", "6 kW/min over 60 s", 6, 22, "done"],
  [
    "takes several steps, for which there is no time",
    "6 kW/min over 60 s",
    6,
    20,
    "curtailment-breaks-floors",
  ],
  ["is too slow for a single node", "2 kW/min over 60 s", 2, 22, "curtailment-breaks-floors"],
] as const)("under a ramp that %s", (...row) => {
  const [, ramp, kilowatts, minutesBefore, expected] = row;
  const hub = new PromisedHub(ramp);
  const { promisedMs } = hub;
  const start = instant(hub.nowMs + 15 * minuteMs);
  // Without idle nodes 21.8 kW are left.
  const target = watts(23_000);
  const endMs = promisedMs - minutesBefore * minuteMs;
  const reply = schedule(hub, { mode: "planned", target, start, end: instant(endMs) });
  expect(code(reply)).toBe(expected);
  hub.passUntil(endMs);
  expect(hub.offNodes).toEqual(expected === "done" ? sleepers : []);
  if (expected === "done") {
    expect(ofWakes(hub)).toEqual([Math.min(8_000, kilowatts * 1_000)]);
  }
  hub.steps.length = 0;
  hub.passUntil(promisedMs - minuteMs);
  expect(hub.offNodes).toEqual([]);
  const limit = { watts: kilowatts * 1_000, perMs: 60_000, windowMs: 60_000 };
  // The others end meanwhile, all at once: what rises is judged alone.
  const rises = hub.steps.filter((step) => step.watts > 0);
  expect(reportRamp(limit, rises).steepestUpWatts).toBeLessThanOrEqual(limit.watts);
  hub.passUntil(promisedMs + 1_000);
  const [attempt] = activeAttempts(known(hub.state.jobs.get(hub.head), "head"));
  expect(attempt?.startedAtMs).toBeLessThanOrEqual(promisedMs);
});
