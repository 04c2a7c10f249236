import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";

/** Eight nodes are busy: of jobs that tolerate nothing (0), that bend (b), or have to be paused (p). */
function busyHub(kinds = "0bpbbbpp", hub: MeteredHub = new MeteredHub()): MeteredHub {
  const rigid = { flexibilityTier: 0, walltime: milliseconds(100 * hourMs) } as const;
  for (const kind of kinds) {
    hub.run(kind === "0" ? rigid : kind === "b" ? bending : pausing);
  }
  return hub;
}

interface Wish {
  readonly id: string;
  readonly domain: string;
  readonly targetWatts: number;
  readonly minutes: readonly [start: number, end: number];
}

function asked(
  hub: MeteredHub,
  { id, domain, targetWatts, minutes: [from, to] }: Wish,
): Curtailment {
  return {
    id,
    site: "hub",
    domain: domain === "hub" ? domain : hub.hall(domain),
    mode: "planned",
    target: watts(targetWatts),
    baseline: watts(60_000),
    start: instant(startMs + from * minuteMs),
    end: instant(startMs + to * minuteMs),
    ramp: milliseconds(0),
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(startMs),
  };
}

function schedule(hub: MeteredHub, wish: Wish): void {
  const curtailment = asked(hub, wish);
  const at = instant(hub.nowMs);
  const command = { kind: "schedule-curtailment", at, by: "olga", curtailment } as const;
  expect(hub.engine.execute(command).reply).toEqual({ kind: "done" });
}

const inner: Wish = { id: "inner", domain: "hall-1", targetWatts: 16_725, minutes: [28, 58] };
const outer: Wish = { id: "outer", domain: "hub", targetWatts: 31_953, minutes: [31, 94] };

test("two that keep every floor each for itself and break some together: the second is refused, with the smallest target beside the first", () => {
  const hub = busyHub();
  expect(previewCurtailment(hub.state, asked(hub, outer)).kind).toBe("preview");
  schedule(hub, inner);
  const refused = previewCurtailment(hub.state, asked(hub, outer));
  const infeasible = refused.kind === "rejected" ? refused.infeasible : undefined;
  expect(infeasible).toMatchObject({ domain: "hub", inTheWay: undefined, beside: ["inner"] });
  expect(refused).toMatchObject({ kind: "rejected", code: "curtailment-breaks-floors" });
  expect(refused.kind === "rejected" ? refused.message : "").toMatch(
    /^target: 32\.0 kW \(of a baseline of 60\.0 kW\) beside inner breaks what jobs were promised; the smallest target of hub that keeps every floor is .* kW \(43\.7 % below the baseline\); ask for that much, or cancel inner first, or give up the floors of tier 50 %: --give-up 50$/,
  );
  const smallest = Number(infeasible?.smallest);
  expect(smallest).toBeGreaterThan(outer.targetWatts);
  const enough = previewCurtailment(hub.state, asked(hub, { ...outer, targetWatts: smallest }));
  expect(enough.kind).toBe("preview");
});

test("beside the first the second is told whose floors would be enough to give up, which is accepted as it is written", () => {
  const hub = busyHub();
  schedule(hub, inner);
  const deeper: Wish = { ...outer, targetWatts: 29_000 };
  const refused = previewCurtailment(hub.state, asked(hub, deeper));
  const infeasible = refused.kind === "rejected" ? refused.infeasible : undefined;
  expect(infeasible).toMatchObject({ beside: ["inner"], enough: [50] });
  // Nor is it possible without the first: to cancel that one would not be enough.
  expect(previewCurtailment(busyHub().state, asked(hub, deeper)).kind).toBe("rejected");
  expect(refused.kind === "rejected" ? refused.message : "").toMatch(
    /ask for that much, or give up the floors of tier 50 %: --give-up 50$/,
  );
  const given = { ...asked(hub, deeper), giveUp: [50] } as const;
  expect(previewCurtailment(hub.state, given).kind).toBe("preview");
});

test("the other way round, too: where the first begins in the time of the second", () => {
  const hub = busyHub();
  schedule(hub, outer);
  expect(previewCurtailment(busyHub().state, asked(hub, inner)).kind).toBe("preview");
  expect(previewCurtailment(hub.state, asked(hub, inner))).toMatchObject({
    kind: "rejected",
    infeasible: { beside: ["outer"] },
  });
});

test("where the second is not the deeper one, it is told which has to change first", () => {
  const hub = busyHub("p0ppb0pb");
  schedule(hub, { id: "first", domain: "hall-1", targetWatts: 16_380, minutes: [37, 86] });
  const second: Wish = { id: "second", domain: "hall-1", targetWatts: 16_331, minutes: [61, 125] };
  expect(previewCurtailment(busyHub("p0ppb0pb").state, asked(hub, second)).kind).toBe("preview");
  const refused = previewCurtailment(hub.state, asked(hub, second));
  // Accepted it would be over its target for half an hour, with a job that is paused for most of the first.
  expect(refused.kind === "rejected" ? refused.message : "").toMatch(
    /is not what is in the way: its limit, a lost supply or curtailment first leaves hub\/sub-1\/hall-1 16\.2 kW, .* that has to change first; cancel first first, or give up the floors of tier 50 %: --give-up 50$/,
  );
});

test("one that is over before the other begins has nothing to do with it", () => {
  const hub = busyHub();
  schedule(hub, inner);
  const after = previewCurtailment(hub.state, asked(hub, { ...outer, minutes: [58, 121] }));
  expect(after.kind).toBe("preview");
});

test("floors that the other gives up count again once it is over: what breaks them then is refused, with what keeps them", () => {
  const hub = busyHub("pppppppp");
  const wide: Wish = { id: "wide", domain: "hub", targetWatts: 24_000, minutes: [30, 60] };
  const givesUp = { ...asked(hub, wide), giveUp: [50] } as const;
  const command = {
    kind: "schedule-curtailment",
    at: instant(hub.nowMs),
    by: "olga",
    curtailment: givesUp,
  } as const;
  expect(hub.engine.execute(command).reply).toEqual({ kind: "done" });
  const longer: Wish = { id: "longer", domain: "hall-1", targetWatts: 12_000, minutes: [40, 160] };
  const preview = (wish: Wish): ReturnType<typeof previewCurtailment> =>
    previewCurtailment(hub.state, asked(hub, wish));
  expect(preview({ ...longer, minutes: [40, 60] }).kind).toBe("preview");
  const refused = preview(longer);
  const infeasible = refused.kind === "rejected" ? refused.infeasible : undefined;
  expect(infeasible).toMatchObject({ beside: [], inTheWay: undefined, enough: [50] });
  const targetWatts = Number(infeasible?.smallest);
  expect(preview({ ...longer, targetWatts }).kind).toBe("preview");
  expect(preview({ ...longer, targetWatts: targetWatts - 500 }).kind).toBe("rejected");
});

test("one inside another counts and lists the jobs below its own domain, and how many others their common plan touches", () => {
  const hub = busyHub("bbbbbbbb");
  schedule(hub, { id: "outer", domain: "hub", targetWatts: 32_000, minutes: [30, 90] });
  const wish: Wish = { id: "inner", domain: "hall-1", targetWatts: 17_000, minutes: [40, 70] };
  const preview = previewCurtailment(hub.state, asked(hub, wish));
  const here = hub.attempts
    .filter(({ placement }) => placement.nodes.every((node) => node < 4))
    .map(({ job }) => job);
  expect(here.length).toBe(4);
  if (preview.kind === "rejected") {
    throw new Error(preview.message);
  }
  const { jobs, tiers, elsewhereCount, together } = preview.forecast;
  expect(jobs.map(({ job }) => job)).toEqual(here);
  expect(tiers).toMatchObject([{ tierPercent: 50, capped: 4, untouched: 0 }]);
  // What the outer one takes beyond that is taken in the other hall.
  expect([elsewhereCount, together]).toEqual([3, ["outer"]]);
});

/** GPUs draw less than their curves say. */
class LightHub extends MeteredHub {
  override drawShare(): number {
    return 0.9;
  }
}

test("beside one that is kept floors take what its steering has learned of jobs, as its target leaves what it has learned of noise", () => {
  const hub = busyHub("bbbbbbbb", new LightHub());
  hub.beginAll();
  hub.playUntil(startMs + 10 * minuteMs);
  // At their floors they draw 28.5 kW, and 29.2 kW by their curves.
  schedule(hub, { id: "outer", domain: "hub", targetWatts: 29_900, minutes: [12, 60] });
  hub.playUntil(startMs + 30 * minuteMs);
  const within: Wish = { id: "inner", domain: "hall-1", targetWatts: 14_000, minutes: [31, 40] };
  schedule(hub, within);
  const lower = previewCurtailment(
    hub.state,
    asked(hub, { ...within, id: "lower", domain: "hub", targetWatts: 28_600 }),
  );
  const smallest = lower.kind === "rejected" ? Number(lower.infeasible?.smallest) : 0;
  expect(smallest).toBeGreaterThan(28_700);
  expect(smallest).toBeLessThan(28_900);
  hub.playUntil(startMs + 60 * minuteMs);
  for (const id of ["inner", "outer"]) {
    const { minutesOverCount, jobs } = known(complianceOf(hub.state, id), id);
    expect([id, minutesOverCount]).toEqual([id, 0]);
    expect(jobs.filter((one) => one.pausedSeconds > 0)).toEqual([]);
    expect(Math.max(...jobs.map((one) => one.lossPercent))).toBeLessThanOrEqual(50);
  }
});

test("beside a running one each loses what is asked of it in the time of the other alone: who is untouched nothing, and after it only what its own target asks", () => {
  const hub = busyHub("bbbbbbbb");
  hub.beginAll();
  hub.playUntil(startMs + 10 * minuteMs);
  schedule(hub, { id: "running", domain: "hub", targetWatts: 37_000, minutes: [20, 80] });
  hub.playUntil(startMs + 40 * minuteMs);
  const lossesIn = (minutes: Wish["minutes"]): readonly number[] => {
    const wish: Wish = { id: "mild", domain: "hub", targetWatts: 42_000, minutes };
    const preview = previewCurtailment(hub.state, asked(hub, wish));
    if (preview.kind === "rejected") {
      throw new Error(preview.message);
    }
    const { jobs } = preview.forecast;
    for (const { effect, lossPercent } of jobs) {
      expect(lossPercent > 0).toBe(effect !== "untouched");
    }
    return jobs.map((one) => one.lossPercent);
  };
  const within = lossesIn([41, 61]);
  expect(Math.max(...within)).toBeGreaterThan(40);
  const beyond = lossesIn([41, 119]);
  // Twice as long, and half of it when the other is over.
  beyond.forEach((loss, at) => {
    expect(loss).toBeGreaterThanOrEqual((within[at] ?? 0) / 2 - 1);
    expect(loss).toBeLessThan((within[at] ?? 0) / 2 + 5);
  });
});

test.each(["planned", "emergency"] as const)(
  "whom a running %s one caps as low without it is told apart from whom it caps itself",
  (mode) => {
    const hub = busyHub("bbbbbbbb");
    hub.beginAll();
    hub.playUntil(startMs + 10 * minuteMs);
    const running: Wish = {
      id: "running",
      domain: "hub",
      targetWatts: 37_000,
      minutes: [20, 80],
    };
    const at = instant(hub.nowMs);
    const curtailment = { ...asked(hub, running), mode };
    hub.engine.execute({ kind: "schedule-curtailment", at, by: "olga", curtailment });
    hub.playUntil(startMs + 40 * minuteMs);
    const touchedBy = (targetWatts: number, minutes: Wish["minutes"]): readonly boolean[] => {
      const wish = { id: "next", domain: "hub", targetWatts, minutes };
      const preview = previewCurtailment(hub.state, asked(hub, wish));
      if (preview.kind === "rejected") {
        throw new Error(preview.message);
      }
      const touched = preview.forecast.jobs.filter(({ effect }) => effect !== "untouched");
      return touched.map(({ isAnyway }) => isAnyway);
    };
    // It asks for less than the running one.
    const mild = touchedBy(42_000, [41, 61]);
    expect(mild.length).toBeGreaterThan(1);
    expect(mild).not.toContain(false);
    // For more: some are lowered for it.
    const deep = touchedBy(34_000, [41, 61]);
    expect(deep.filter((isAnyway) => !isAnyway).length).toBeGreaterThan(0);
    // And alone it is the only one.
    const after = touchedBy(34_000, [120, 140]);
    expect(after.length).toBeGreaterThan(1);
    expect(after).not.toContain(true);
  },
);
