import { instant, milliseconds, watts } from "@ertis/quantities";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cappedHub, hourMs, startMs } from "../../testing/test-hub.ts";
import { nodeOff } from "../../state/site-state.ts";
import { cancel, minuteMs } from "../../testing/test-full-hub.ts";
import { PromisedHub } from "../../testing/test-promised-hub.ts";

/** The feed carries the start and a little more. */
function siteText(headNodes: number, spareWatts: number, isRamped: boolean): string {
  const limit = `  limit: ${17_000 + 3_200 * headNodes + spareWatts} W\n`;
  const ramp = isRamped ? "  ramp: 25 kW/min over 60 s\n" : "";
  return cappedHub().replace("  limit: 300 kW\n", `${limit}${ramp}`);
}

const wish = fc.record({
  isRamped: fc.boolean(),
  spareWatts: fc.constantFrom(0, 500, 2_500, 10_000),
  headNodes: fc.integer({ min: 5, max: 8 }),
  runMinutes: fc.integer({ min: 60, max: 150 }),
  curtailments: fc.array(
    fc.record({
      inMinutes: fc.integer({ min: 0, max: 60 }),
      noticeMinutes: fc.integer({ min: 2, max: 30 }),
      minutes: fc.integer({ min: 6, max: 60 }),
      /** Of the idle watts, so that nobody who runs is made slower. */
      part: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      isInHall: fc.boolean(),
      cancelledAfterMinutes: fc.constantFrom(undefined, undefined, 5, 20, 45),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  others: fc.array(
    fc.record({
      inMinutes: fc.integer({ min: 0, max: 150 }),
      minutes: fc.integer({ min: 2, max: 120 }),
      nodeCount: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 10 },
  ),
});

/** Announces one that is over in time for the promise, whatever it says. */
function curtail(hub: PromisedHub, id: string, asked: Asked, promisedMs: number): void {
  const startsMs = hub.nowMs + asked.noticeMinutes * minuteMs;
  const domain = asked.isInHall ? "hub/sub-1/hall-2" : "hub";
  const at = hub.site.domainIndexById.get(domain) ?? 0;
  const load = (hub.site.horizons[0]?.load[at] ?? 0) / (hub.site.site.domains[at]?.loadScale ?? 1);
  const idle = [...hub.site.nodeFlags.keys()].filter(
    (node) => (hub.site.gpusHeld[node] ?? 0) === 0 && hub.site.nodeFlags[node] === 0,
  );
  hub.curtail({
    id,
    domain,
    target: watts(Math.floor(load - asked.part * 2_000 * idle.length)),
    start: instant(startsMs),
    end: instant(Math.min(startsMs + asked.minutes * minuteMs, promisedMs - 5 * minuteMs)),
  });
}

interface Asked {
  readonly noticeMinutes: number;
  readonly minutes: number;
  readonly part: number;
  readonly isInHall: boolean;
}

test("whatever is curtailed, cancelled and started before it, a promised start is kept, and its nodes sleep", () => {
  let asleepCount = 0;
  fc.assert(
    fc.property(wish, ({ isRamped, spareWatts, headNodes, runMinutes, curtailments, others }) => {
      const hub = new PromisedHub({
        runMs: runMinutes * minuteMs,
        text: siteText(headNodes, spareWatts, isRamped),
        head: { nodeCount: headNodes, walltime: milliseconds(hourMs) },
        gang: {},
      });
      const { promisedMs } = hub;
      const moments = [
        ...curtailments.map((one, at) => ({
          atMs: startMs + one.inMinutes * minuteMs,
          act: () => curtail(hub, `c-${at}`, one, promisedMs),
        })),
        ...curtailments.flatMap(({ inMinutes, cancelledAfterMinutes: after }, at) =>
          after === undefined
            ? []
            : [
                {
                  atMs: startMs + (inMinutes + after) * minuteMs,
                  act: () => cancel(hub, `c-${at}`),
                },
              ],
        ),
        ...others.map(({ inMinutes, minutes, nodeCount }) => ({
          atMs: startMs + inMinutes * minuteMs,
          act: () => hub.run({ nodeCount, walltime: milliseconds(minutes * minuteMs) }),
        })),
      ].toSorted((a, b) => a.atMs - b.atMs);
      let mostAsleep = 0;
      for (const { atMs, act } of moments.filter((one) => one.atMs < promisedMs)) {
        hub.passUntil(atMs, minuteMs);
        mostAsleep = Math.max(mostAsleep, hub.nodesWith(nodeOff).length);
        act();
      }
      hub.passUntil(promisedMs, minuteMs);
      asleepCount += mostAsleep;
      expect(hub.startedMs).toBeLessThanOrEqual(promisedMs);
    }),
    {
      seed: Number(process.env["ERTIS_TEST_SEED"] ?? "1"),
      numRuns: Number(process.env["ERTIS_SOAK_RUNS"] ?? "25"),
    },
  );
  expect(asleepCount).toBeGreaterThan(10);
});
