import { speedAt } from "@ertis/power-planning";
import { instant, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { bending, cancel, fullHub, minuteMs, schedule } from "../../testing/test-full-hub.ts";
import { ObeyingCluster } from "../../testing/test-obeying.ts";
import { known } from "../../state/assert.ts";
import { attemptsOf, type Hub } from "../../testing/test-hub.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { complianceOf } from "./compliance.ts";

/** Full-speed minutes of a job: lost while a curtailment was on, of that for others, and on the way back from it. */
interface Told {
  readonly job: number;
  readonly lost: number;
  readonly forOthers: number;
  readonly after: number;
  readonly isBroken: boolean;
}

/** Four gangs that fill the hub, and what they lose, seen from outside. */
class Played {
  readonly hub: Hub;
  readonly #cluster: ObeyingCluster;
  readonly #seen = new Map<number, number>();
  readonly #asked = new Set<string>();

  constructor(flexibilityTier: FlexibilityTier = 25) {
    this.hub = fullHub({ ...bending, flexibilityTier, capMin: watts(360) });
    this.#cluster = new ObeyingCluster(this.hub);
    this.pass(10);
  }

  ask(changes: Partial<Curtailment> & { readonly id: string }, minutes: number): void {
    const { hub } = this;
    const span = { start: instant(hub.nowMs), end: instant(hub.nowMs + minutes * minuteMs) };
    const baseline = watts(hub.feedWatts());
    expect(schedule(hub, { baseline, ...span, ...changes })).toEqual({ kind: "done" });
    this.#asked.add(changes.id);
  }

  pass(minutes: number): void {
    this.#cluster.pass(minutes * minuteMs, () => {
      const running = attemptsOf(this.hub).filter(({ phase }) => phase === "starting");
      for (const job of [1, 2, 3, 4]) {
        const attempt = running.find((one) => one.job === job);
        const { capWatts = 0, curve } = attempt ?? {};
        const speed = curve === undefined || capWatts === 0 ? 1 : speedAt(curve, capWatts);
        const lost = attempt === undefined ? 1 : 1 - speed;
        this.#seen.set(job, (this.#seen.get(job) ?? 0) + lost / 60);
      }
    });
  }

  /** With the two minutes of every restore. */
  seen(job: number): number {
    const restores = this.#cluster.starts.filter((one) => one.job === job);
    return (this.#seen.get(job) ?? 0) + 2 * restores.length;
  }

  told(id: string): readonly Told[] {
    return known(complianceOf(this.hub.state, id), id).jobs.map((one) => {
      const lost = (one.cappedLossSeconds + one.pausedSeconds) / 60;
      const part = one.lossPercent === 0 ? 0 : one.forOthersPercent / one.lossPercent;
      const after = one.afterEndSeconds / 60;
      return { job: one.job, lost, forOthers: part * lost, after, isBroken: one.isTierBroken };
    });
  }

  forWhom(id: string): readonly string[] {
    return known(complianceOf(this.hub.state, id), id).forWhom;
  }

  of(id: string, job: number): Told {
    const none = { job, lost: 0, forOthers: 0, after: 0, isBroken: false };
    return this.told(id).find((one) => one.job === job) ?? none;
  }

  /** All of it once, by whom it counts for. */
  expectOnce(): void {
    for (const job of [1, 2, 3, 4]) {
      const parts = [...this.#asked].map((id) => this.of(id, job));
      const sum = parts.reduce((all, one) => all + one.lost - one.forOthers + one.after, 0);
      expect(Math.abs(sum - this.seen(job)), `job ${job}`).toBeLessThan(0.2);
    }
  }
}

const tiers: readonly FlexibilityTier[] = [50, 25, 10];
const wide = { id: "wide", mode: "planned", target: watts(40_000) } as const;
const deep = { id: "deep", target: watts(24_000), giveUp: tiers } as const;

test("what an emergency that gave floors up takes inside another one counts for it, restores and the way back included", () => {
  const played = new Played();
  played.ask(wide, 20);
  played.pass(4);
  played.ask(deep, 5);
  played.pass(15);
  const restored = played.told("deep").filter(({ after }) => after >= 2);
  expect(restored.length).toBeGreaterThan(0);
  for (const { job, lost, after } of restored) {
    const outer = played.of("wide", job);
    // More than its tier allows of 20 minutes, and yet not for this one.
    expect(outer.lost).toBeGreaterThan(6);
    expect(outer.isBroken).toBe(false);
    expect(Math.abs(outer.forOthers - lost - after)).toBeLessThan(0.2);
  }
  expect([played.forWhom("wide"), played.forWhom("deep")]).toEqual([["deep"], []]);
  played.pass(60);
  played.expectOnce();
});

test("of a restore that outlasts the other one, and of one that reaches into it, the part in its time is told there", () => {
  const late = new Played();
  late.ask(wide, 20);
  late.pass(14);
  late.ask(deep, 5);
  late.pass(60);
  const early = new Played();
  const soon = { start: instant(early.hub.nowMs + 5 * minuteMs) };
  early.ask({ ...wide, ...soon, end: instant(early.hub.nowMs + 25 * minuteMs) }, 20);
  early.ask(deep, 5);
  early.pass(60);
  for (const [played, least] of [
    [late, 5.5],
    [early, 0.5],
  ] as const) {
    const outer = played.told("wide");
    played.expectOnce();
    expect(outer.some(({ forOthers }) => forOthers > least)).toBe(true);
    expect(outer.some(({ isBroken }) => isBroken)).toBe(false);
  }
});

test("one that is cancelled counts what it took until then and on the way back", () => {
  const played = new Played();
  played.ask(wide, 20);
  played.pass(4);
  played.ask(deep, 10);
  played.pass(3);
  cancel(played.hub, "deep");
  played.pass(60);
  played.expectOnce();
  expect(played.told("deep").some(({ after }) => after >= 2)).toBe(true);
  expect(played.told("wide").some(({ isBroken }) => isBroken)).toBe(false);
});

test("the way back from one that kept every floor is the other's, which may ask for as much", () => {
  const played = new Played(50);
  played.ask({ ...wide, mode: "emergency", target: watts(41_500) }, 180);
  played.pass(4);
  played.ask({ ...deep, target: watts(37_000), giveUp: [] }, 60);
  played.pass(90);
  const inner = played.told("deep");
  expect(inner.some(({ lost }) => lost > 10)).toBe(true);
  for (const { job, after } of inner) {
    expect(after).toBe(0);
    expect(played.of("wide", job).forOthers).toBe(0);
  }
});

test.each([10, 40])(
  "of two that gave the same floors up the last to begin has it, of which the second ends after %d min",
  (minutes) => {
    const played = new Played();
    played.ask({ ...deep, id: "wide", target: watts(34_000) }, 30);
    played.pass(5);
    played.ask(deep, minutes);
    played.pass(90);
    played.expectOnce();
    expect(played.told("deep").every(({ forOthers }) => forOthers === 0)).toBe(true);
    expect(played.told("wide").some(({ forOthers }) => forOthers > 5)).toBe(true);
  },
);

test("a report of one that is over names nobody who began later, however much they cost the same jobs", () => {
  const played = new Played();
  played.ask(deep, 5);
  played.pass(60);
  played.ask(wide, 20);
  played.pass(4);
  played.ask({ ...deep, id: "inner" }, 5);
  played.pass(60);
  const before = played.told("wide");
  expect(played.forWhom("wide")).toEqual(["inner"]);
  played.ask({ ...deep, id: "later" }, 20);
  for (const minutes of [5, 60]) {
    played.pass(minutes);
    expect(played.forWhom("wide")).toEqual(["inner"]);
    expect(played.told("wide")).toEqual(before);
  }
  expect(played.told("later").some(({ lost }) => lost > 5)).toBe(true);
});

test("of two that gave the same floors up none has lost it to a third one that was cancelled before it began", () => {
  const played = new Played();
  played.ask({ ...deep, id: "wide", target: watts(34_000) }, 60);
  played.pass(5);
  played.ask(deep, 50);
  const start = instant(played.hub.nowMs + 30 * minuteMs);
  const end = instant(played.hub.nowMs + 40 * minuteMs);
  played.ask({ ...deep, id: "never", start, end, target: watts(23_000) }, 10);
  played.pass(5);
  cancel(played.hub, "never");
  played.pass(110);
  played.expectOnce();
  expect(played.told("deep").every(({ forOthers }) => forOthers === 0)).toBe(true);
});
