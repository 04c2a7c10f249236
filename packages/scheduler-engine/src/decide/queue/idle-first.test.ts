import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { acknowledge, cappedHub, Hub } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import { nodeAsleep } from "../../state/site-state.ts";

const minuteMs = 60_000;
const stepMs = 5_000;

interface Trip {
  readonly domain: string;
  readonly targetWatts: number;
  readonly minutes: number;
}

/** An emergency that begins now. */
function trip(hub: Hub, { domain, targetWatts, minutes }: Trip): void {
  const at = instant(hub.nowMs);
  const curtailment = {
    id: "trip",
    site: "hub",
    domain,
    mode: "emergency",
    target: watts(targetWatts),
    baseline: watts(0),
    start: at,
    end: instant(hub.nowMs + minutes * minuteMs),
    ramp: milliseconds(0),
    reason: "unit tripped",
    setBy: "olga",
    noticedAt: at,
  } as const;
  const command = { kind: "schedule-curtailment", at, by: "olga", curtailment } as const;
  expect(hub.engine.execute(command).reply).toEqual({ kind: "done" });
}

function caps(hub: Hub): readonly number[] {
  return [...hub.state.jobs.after(0)].flatMap((job) =>
    [...activeAttempts(job)].map(({ capWatts }) => capWatts),
  );
}

test("while idle nodes switch off for an emergency caps hold it, and no longer: tiers hold on average", () => {
  const hub = new Hub(cappedHub());
  for (let gang = 0; gang < 2; gang += 1) {
    hub.run({
      flexibilityTier: 25,
      workloadClass: "straight",
      nodeCount: 2,
      walltime: milliseconds(600 * minuteMs),
    });
  }
  const site = known(hub.state.sites.get("hub"), "site");
  const bound = known(site.horizons[0], "now").load[0] ?? 0;
  const targetWatts = Math.floor((0.9 * bound) / (site.site.domains[0]?.loadScale ?? 1));
  trip(hub, { domain: "hub", targetWatts, minutes: 10 });
  hub.wait(0);
  expect(caps(hub).some((cap) => cap > 0)).toBe(true);
  const lowest = Math.min(...caps(hub).map((cap) => cap || 400));
  for (let passedMs = 0; passedMs < 9 * minuteMs; passedMs += stepMs) {
    acknowledge(hub);
    hub.wait(stepMs);
    if (passedMs === 2 * stepMs) {
      site.nodeFlags.forEach((flags, node) => {
        if ((flags & nodeAsleep) !== 0) {
          hub.report({ kind: "node-powered-off", node });
        }
      });
    }
  }
  expect(Math.min(...caps(hub).map((cap) => cap || 400))).toBeGreaterThan(lowest);
  const { jobs = [] } = complianceOf(hub.state, "trip") ?? {};
  expect(jobs.length).toBeGreaterThan(0);
  for (const { lossPercent, tierPercent } of jobs) {
    expect(lossPercent).toBeLessThanOrEqual(tierPercent);
  }

  // Afterwards the nodes get their idle watts and take work again, without asking once more.
  expect([...site.nodeFlags].some((flags) => flags !== 0)).toBe(true);
  for (let passedMs = 0; passedMs < 5 * minuteMs; passedMs += stepMs) {
    acknowledge(hub);
    hub.wait(stepMs);
  }
  expect([...site.nodeFlags].filter((flags) => flags !== 0)).toEqual([]);
});

interface Asked {
  readonly domain: string;
  readonly byWatts: number;
  readonly minutes: number;
}

/** Half the nodes are busy at full power; so many nodes are asked to sleep for an emergency. */
function asleepFor({ domain, byWatts, minutes }: Asked): readonly number[] {
  const hub = new Hub(cappedHub());
  hub.run({ flexibilityTier: 50, workloadClass: "straight", nodeCount: 2 });
  hub.run({ flexibilityTier: 50, workloadClass: "straight", nodeCount: 2 });
  const site = known(hub.state.sites.get("hub"), "site");
  const index = known(site.domainIndexById.get(domain), "domain");
  const scale = site.site.domains[index]?.loadScale ?? 1;
  const load = (site.horizons[0]?.load[index] ?? 0) / scale;
  trip(hub, { domain, targetWatts: Math.floor(load - byWatts), minutes });
  return [...site.nodeFlags.keys()].filter(
    (node) => ((site.nodeFlags[node] ?? 0) & nodeAsleep) !== 0,
  );
}

test("an emergency sends as many idle nodes to sleep as it takes, below its own domain, and none for minutes", () => {
  const feed = { domain: "hub", minutes: 60 };
  // An idle node draws 2 kW.
  expect(asleepFor({ ...feed, byWatts: 3_000 })).toHaveLength(2);
  expect(asleepFor({ ...feed, byWatts: 7_500 })).toHaveLength(4);
  expect(asleepFor({ ...feed, byWatts: 10_000 })).toHaveLength(4);
  expect(asleepFor({ ...feed, byWatts: 3_000, minutes: 4 })).toEqual([]);
  const hall = "hub/sub-1/hall-2";
  const inHall = asleepFor({ domain: hall, byWatts: 3_000, minutes: 60 });
  expect(inHall).toHaveLength(2);
  expect(inHall.every((node) => node >= 4)).toBe(true);
});
