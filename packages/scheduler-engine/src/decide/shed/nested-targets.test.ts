import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Reply } from "../../words/reply.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

interface Wish {
  readonly domain: string;
  readonly targetWatts: number;
  readonly minutes: readonly [start: number, end: number];
}

interface Case {
  /** Eight jobs of one node: that tolerate nothing (0), that bend (b), or have to be paused (p). */
  readonly kinds: string;
  readonly long: Wish;
  readonly inner: Wish;
  /** When the second one is announced, minutes. */
  readonly noticeAt: number;
}

/** Both targets lie within a few per cent of the smallest that are accepted. */
const cases: readonly Case[] = [
  {
    kinds: "pppbbpbp",
    long: { domain: "hub", targetWatts: 31_901, minutes: [28, 168] },
    inner: { domain: "hall-1", targetWatts: 14_868, minutes: [78, 132] },
    noticeAt: 62,
  },
  {
    kinds: "ppp0bbpp",
    long: { domain: "hall-1", targetWatts: 16_533, minutes: [28, 137] },
    inner: { domain: "hub", targetWatts: 33_436, minutes: [75, 133] },
    noticeAt: 0,
  },
  {
    kinds: "ppppbbpb",
    long: { domain: "hub", targetWatts: 31_901, minutes: [27, 177] },
    inner: { domain: "hall-1", targetWatts: 15_521, minutes: [86, 122] },
    noticeAt: 0,
  },
];

function hubOf(kinds: string): MeteredHub {
  const hub = new MeteredHub();
  const rigid = { flexibilityTier: 0, walltime: milliseconds(100 * hourMs) } as const;
  for (const kind of kinds) {
    hub.run(kind === "0" ? rigid : kind === "b" ? bending : pausing);
  }
  return hub;
}

function curtail(
  hub: MeteredHub,
  id: string,
  { domain, targetWatts, minutes: [from, to] }: Wish,
): Reply {
  return hub.curtail(id, {
    domain: domain === "hub" ? domain : hub.hall(domain),
    target: watts(targetWatts),
    baseline: watts(60_000),
    start: instant(startMs + from * minuteMs),
    end: instant(startMs + to * minuteMs),
    ramp: milliseconds(0),
  });
}

/** Plays to the end of the longer one: minutes over targets, and jobs that lost more than their tiers allow. */
function play(hub: MeteredHub, endMinute: number): void {
  hub.playUntil(startMs + (endMinute + 2) * minuteMs);
  for (const id of ["long", "inner"]) {
    const { jobs, minutesOverCount } = known(complianceOf(hub.state, id), id);
    expect(minutesOverCount, `minutes of ${id} over its target`).toBe(0);
    const above = jobs.filter((one) => one.lossPercent > one.tierPercent + 0.1);
    expect(above, `jobs that lost more to ${id} than their tiers allow`).toEqual([]);
    expect(jobs.some((one) => one.pausedSeconds > 0)).toBe(true);
  }
}

for (const { kinds, long, inner, noticeAt } of cases) {
  test(`${inner.domain} inside ${long.domain}, announced at ${noticeAt} min for ${inner.minutes[0]} min: both keep targets and tiers`, () => {
    const hub = hubOf(kinds);
    expect(curtail(hub, "long", long)).toEqual({ kind: "done" });
    hub.playUntil(startMs + noticeAt * minuteMs);
    expect(curtail(hub, "inner", inner)).toEqual({ kind: "done" });
    play(hub, long.minutes[1]);
  });
}

test("what jobs have lost to one that runs counts in the smallest target inside it, which is accepted and kept", () => {
  const hub = hubOf("pppbbppb");
  const long: Wish = { domain: "hub", targetWatts: 31_585, minutes: [25, 137] };
  const inner: Wish = { domain: "hall-1", targetWatts: 14_824, minutes: [56, 114] };
  expect(curtail(hub, "long", long)).toEqual({ kind: "done" });
  hub.playUntil(startMs + 35 * minuteMs);
  const asked = curtail(hub, "inner", inner);
  const message = asked.kind === "rejected" ? asked.message : "";
  expect(message).toMatch(/beside long breaks what jobs were promised/);
  const [, kilowatts] = /keeps every floor is ([0-9.]+) kW/.exec(message) ?? [];
  const targetWatts = Number(kilowatts) * 1_000;
  expect(targetWatts).toBeGreaterThan(inner.targetWatts);
  expect(curtail(hub, "inner", { ...inner, targetWatts })).toEqual({ kind: "done" });
  play(hub, long.minutes[1]);
});
