import { instant } from "@ertis/quantities";
import { type Event, stopGraceMs } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { type PromiseScore, Promises } from "./promises.ts";

const walltimeMs = 100_000;

function promisesOf(reports: string[] = []): Promises {
  return new Promises(
    () => ({ priorityClass: "normal", walltimeMs }) as SimulatedJob,
    (_, message) => reports.push(message),
  );
}

/** As much of an event as the checker looks at. */
type Told = { readonly kind: Event["kind"] } & Readonly<Record<string, unknown>>;

function kept(job: number, startMs: number, more: object = {}): Told {
  return {
    kind: "reservation-made",
    job,
    startAt: instant(startMs),
    site: "t",
    nodes: [0],
    ...more,
  };
}

function started(job: number, endsMs: number, capWatts = 0): Told {
  const attempt = { job, task: 0, attempt: 1 };
  return {
    kind: "attempt-started",
    attempt,
    placement: { capWatts, nodes: [0] },
    endsBy: instant(endsMs),
  };
}

/** What became of promises after these events, each at its moment. */
function after(...events: readonly (readonly [atMs: number, event: Told])[]): PromiseScore {
  const promises = promisesOf();
  for (const [atMs, event] of events) {
    promises.observe(event as never, atMs);
  }
  return promises.score();
}

const broken = { brokenCount: 1, excusedCount: 0, keptCount: 0 };
const excused = { brokenCount: 0, excusedCount: 1, keptCount: 0 };
const keptOnce = { brokenCount: 0, excusedCount: 0, keptCount: 1 };

test("at the end of a run, promises of past moments are broken and later ones still to come", () => {
  const reports: string[] = [];
  const promises = promisesOf(reports);
  promises.observe(kept(1, 1_000) as never, 0);
  promises.observe(kept(2, 9_000) as never, 0);
  promises.finish(5_000);
  expect(reports).toEqual([
    "job 1 was promised a start at 1970-01-01 00:00:01, 4 s before 1970-01-01 00:00:05, and nothing failed since",
  ]);
  expect(promises.score()).toMatchObject({ promisedCount: 2, brokenCount: 1, openCount: 1 });
});

test("neither another's promise, nor one that is made anew, nor accounts of before excuse a late start", () => {
  const late = [5_000, started(1, 105_000)] as const;
  expect(after([0, kept(1, 1_000)], [1, kept(2, 9_000)], late)).toMatchObject(broken);
  expect(after([0, kept(1, 1_000)], [1, kept(1, 6_000)], late)).toMatchObject(broken);
  const dropped = { kind: "reservation-dropped", job: 1 } as const;
  const accounts = { kind: "accounts-set", accounts: [{}] } as const;
  expect(after([0, accounts], [0, kept(1, 1_000)], [1, dropped], late)).toMatchObject(broken);
  const cancelled = { kind: "curtailment-cancelled", id: "c" } as const;
  expect(after([0, kept(1, 1_000)], [1, cancelled], late)).toMatchObject(broken);
});

test("failures, cuts and quotas after the promise excuse a late start, those of before do not", () => {
  const late = [5_000, started(1, 105_000)] as const;
  for (const kind of ["node-lost", "supply-lost", "budget-set", "accounts-set"] as const) {
    expect(after([0, kept(1, 1_000)], [1, { kind }], late), kind).toMatchObject(excused);
    expect(after([0, { kind }], [0, kept(1, 1_000)], late), kind).toMatchObject(broken);
  }
});

test("a node that did not wake and does not again when it is tried is no failure of which nobody knew", () => {
  const lost = { kind: "node-lost", site: "t", node: 1 } as const;
  const back = { kind: "node-returned", site: "t", node: 1 } as const;
  const late = [5_000, started(1, 105_000)] as const;
  const promise = [2, kept(1, 1_000)] as const;
  const tried = [1, { ...back, wake: "tried" }] as const;
  expect(after([0, lost], tried, promise, [3, lost], late)).toMatchObject(broken);
  expect(after([0, lost], tried, [1, back], promise, [3, lost], late)).toMatchObject(excused);
  const trusted = [1, { ...back, wake: "trusted" }] as const;
  expect(after([0, lost], trusted, promise, [3, lost], late)).toMatchObject(excused);
});

test("a start in time that ends later, or at its moment is held lower, than was promised is a broken one", () => {
  const promise = kept(1, 1_000, { capWatts: 300, holdsUntil: instant(91_000 + stopGraceMs) });
  const outcome = (atMs: number, endsMs: number, capWatts: number): PromiseScore =>
    after([0, promise], [atMs, started(1, endsMs, capWatts)]);
  expect(outcome(1_000, 91_000, 300)).toMatchObject(keptOnce);
  expect(outcome(1_000, 91_001, 300)).toMatchObject(broken);
  expect(outcome(1_000, 91_000, 299)).toMatchObject(broken);
  expect(outcome(1_000, 80_000, 0)).toMatchObject(keptOnce);
  // Before its moment it may be held lower, as long as it is done in time.
  expect(outcome(500, 91_000, 250)).toMatchObject(keptOnce);
  expect(outcome(500, 91_001, 300)).toMatchObject(broken);
  // Without more words it is full power, for the walltime.
  const whole = [0, kept(1, 1_000)] as const;
  expect(after(whole, [1_000, started(1, 1_000 + walltimeMs)])).toMatchObject(keptOnce);
  expect(after(whole, [1_000, started(1, 1_000 + walltimeMs, 390)])).toMatchObject(broken);
});

test("a gang that starts at its moment on more nodes than it was promised may be held lower, if it is done in time", () => {
  const promise = [0, kept(1, 1_000, { holdsUntil: instant(301_000 + stopGraceMs) })] as const;
  const wide = (endsMs: number): Told => {
    const one = started(1, endsMs);
    return { ...one, placement: { capWatts: 205, nodes: [4, 5, 6, 7] } };
  };
  expect(after(promise, [1_000, wide(150_000)])).toMatchObject(keptOnce);
  expect(after(promise, [1_000, wide(301_001)])).toMatchObject(broken);
  expect(after(promise, [1_000, started(1, 301_000, 205)])).toMatchObject(broken);
});

test("answers about caps and stops that come late excuse a late start", () => {
  const attempt = { job: 7, task: 0, attempt: 1 };
  const promise = [0, kept(1, 1_000)] as const;
  const late = [90_000, started(1, 190_000)] as const;
  const two = {
    kind: "attempt-started",
    attempt,
    placement: { capWatts: 0, nodes: [4, 5] },
    endsBy: instant(500_000),
  } as const;
  const capSet = { kind: "cap-set", attempt, capWatts: 200 } as const;
  const answer = (...nodes: readonly number[]): Told => ({
    kind: "cap-acknowledged",
    attempt,
    nodes,
    capWatts: 200,
  });
  const ordered = [[0, two], promise, [1, capSet]] as const;
  expect(after(...ordered, [900, answer()], late)).toMatchObject(broken);
  expect(after(...ordered, [900, answer(4)], [950, answer(5)], late)).toMatchObject(broken);
  expect(after(...ordered, [6_000, answer()], late)).toMatchObject(excused);
  expect(after(...ordered, late)).toMatchObject(excused);
  // One of its nodes is silent.
  expect(after(...ordered, [900, answer(4)], late)).toMatchObject(excused);
  expect(after(...ordered, [900, answer(4)], [6_000, answer(5)], late)).toMatchObject(excused);
  // What is given back is in force at once where nodes obey already: only the silent one is waited for.
  const raised = { ...capSet, capWatts: 300 };
  const rest = { ...answer(5), capWatts: 300 };
  const partly = [...ordered, [900, answer(4)], [1_000, raised]] as const;
  expect(after(...partly, [1_100, rest], late)).toMatchObject(broken);
  expect(after(...partly, late)).toMatchObject(excused);
  const stop = { kind: "stop-requested", attempt, reason: "walltime" } as const;
  const released = { kind: "placement-released", attempt, nodes: [] } as const;
  expect(after(promise, [1, stop], [stopGraceMs, released], late)).toMatchObject(broken);
  expect(after(promise, [1, stop], [stopGraceMs + 2, released], late)).toMatchObject(excused);
  const exited = { kind: "attempt-exited", attempt } as const;
  expect(after(promise, [1, exited], [stopGraceMs, released], late)).toMatchObject(broken);
  expect(after(promise, [1, exited], late)).toMatchObject(excused);
});

test("an answer that was overdue when a start was promised does not excuse it", () => {
  const attempt = { job: 7, task: 0, attempt: 1 };
  const stop = { kind: "stop-requested", attempt, reason: "walltime" } as const;
  const promise = [2 * stopGraceMs, kept(1, 3 * stopGraceMs)] as const;
  const late = [4 * stopGraceMs, started(1, 5 * stopGraceMs)] as const;
  expect(after([0, stop], promise, late)).toMatchObject(broken);
  expect(after([1, stop], promise, late)).toMatchObject(excused);
});

test("a planned curtailment excuses just what it says in its own entry, and that is kept; an emergency excuses", () => {
  const announced = (mode: string): Told => ({
    kind: "curtailment-scheduled",
    curtailment: { mode },
  });
  /** Each list is an entry of the log. */
  const afterEntries = (...entries: readonly (readonly [number, ...Told[]])[]): PromiseScore => {
    const promises = promisesOf();
    for (const [atMs, ...events] of entries) {
      promises.entryBegins();
      events.forEach((event) => promises.observe(event as never, atMs));
    }
    return promises.score();
  };
  const first = [0, kept(1, 1_000)] as const;
  const late = [5_000, started(1, 105_000)] as const;
  const planned = announced("planned");
  expect(afterEntries(first, [1, planned], late)).toMatchObject(broken);
  expect(afterEntries(first, [1, planned], [1, kept(1, 5_000)], late)).toMatchObject(broken);
  expect(afterEntries(first, [1, planned, kept(2, 5_000)], late)).toMatchObject(broken);
  expect(afterEntries(first, [1, planned, kept(1, 4_000)], late)).toMatchObject(broken);
  expect(afterEntries(first, [1, planned, kept(1, 5_000)], late)).toMatchObject(excused);
  const dropped = { kind: "reservation-dropped", job: 1 } as const;
  expect(afterEntries(first, [1, planned, dropped], late)).toMatchObject(excused);
  expect(afterEntries(first, [1, announced("emergency")], late)).toMatchObject(excused);
});

test("a cordon or a drain excuses only those for whom the nodes were kept", () => {
  const late = [5_000, started(1, 105_000)] as const;
  for (const kind of ["nodes-cordoned", "nodes-draining"] as const) {
    const of = (node: number, site = "t"): Told => ({ kind, site, nodes: [node] });
    expect(after([0, kept(1, 1_000)], [1, of(0)], late), kind).toMatchObject(excused);
    expect(after([0, kept(1, 1_000)], [1, of(1)], late), kind).toMatchObject(broken);
    expect(after([0, kept(1, 1_000)], [1, of(0, "u")], late), kind).toMatchObject(broken);
    expect(after([0, of(0)], [0, kept(1, 1_000)], late), kind).toMatchObject(broken);
  }
});

test("who comes back from a pause before the promised start is judged by when it ends", () => {
  const paused: Told = { kind: "job-paused", job: 1, curtailment: "c", site: "t" };
  const exited: Told = { kind: "attempt-exited", attempt: { job: 1, task: 0, attempt: 1 } };
  const promise = kept(1, 5_000, { holdsUntil: instant(50_000 + stopGraceMs) });
  // Under its low cap it would end at 90 s; the cap rises before.
  const back = [
    [0, paused],
    [1, promise],
    [2_000, started(1, 90_000, 200)],
  ] as const;
  expect(after(...back, [49_000, exited])).toMatchObject(keptOnce);
  expect(after(...back, [51_000, exited])).toMatchObject(broken);
  // Nobody who was not paused may begin so.
  expect(after([1, promise], [2_000, started(1, 90_000, 200)])).toMatchObject(broken);
});
