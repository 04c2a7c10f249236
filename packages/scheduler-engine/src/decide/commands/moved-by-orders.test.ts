import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stateDigest } from "../../history/digest.ts";
import { movedBy } from "../../read/curtailments/moved-by.ts";
import { explanationSentence } from "../../read/explain/sentence.ts";
import { cappedHub, explained, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Reservation } from "../../state/site-state.ts";
import type { Event } from "../../words/event.ts";
import type { Reply } from "../../words/reply.ts";

const minuteMs = 60_000;
const rigid = { flexibilityTier: 0, workloadClass: "straight" } as const;

/** Four nodes are busy for long by a gang that bends, two for ninety minutes: then a gang is promised these and the idle ones. */
function hubWithPromise(nodeCount = 4): { readonly hub: Hub; readonly job: number } {
  const hub = new Hub(cappedHub());
  hub.run({ ...rigid, flexibilityTier: 50, nodeCount: 4, walltime: milliseconds(20 * hourMs) });
  hub.run({ ...rigid, nodeCount: 2, walltime: milliseconds(1.5 * hourMs) });
  const job = hub.run({ ...rigid, nodeCount, walltime: milliseconds(hourMs) });
  return { hub, job };
}

function keptFor(hub: Hub, job: number): Reservation {
  const pools = [...hub.state.sites.values()].flatMap((site) => site.pools);
  const kept = pools.flatMap((pool) => pool.reservations).find((one) => one.job === job);
  return known(kept, "what is kept for the job");
}

function execute(
  hub: Hub,
  command: object,
): { readonly reply: Reply; readonly events: readonly Event[] } {
  const { reply, entry } = hub.engine.execute({
    at: instant(hub.nowMs),
    by: "olga",
    ...command,
  } as never);
  return { reply, events: entry.events };
}

function budget(ceilingWatts: number, window: readonly [number, number?], id = "evening"): object {
  const [fromMs, untilMs] = window;
  return {
    kind: "set-budget",
    budget: {
      id,
      site: "hub",
      domain: "hub",
      ceiling: watts(ceilingWatts),
      from: instant(fromMs),
      ...(untilMs === undefined ? {} : { until: instant(untilMs) }),
      reason: "contract",
      setBy: "olga",
    },
  };
}

const evening: readonly [number, number] = [startMs + hourMs, startMs + 3 * hourMs];
const removal = { kind: "remove-budget", id: "evening", reason: "contract" };

function told(hub: Hub, job: number): string {
  return explanationSentence(explained(hub, job), { time: minute });
}

function minute(atMs: number): string {
  return `+${Math.round((atMs - startMs) / minuteMs)}`;
}

test("setting a budget answers the promised start that it moves, in its own entry, and removing it gives it back", () => {
  const { hub, job } = hubWithPromise();
  const before = keptFor(hub, job);
  const { reply, events } = execute(hub, budget(32_000, evening));
  const now = keptFor(hub, job);
  expect(now.startAtMs).toBeGreaterThanOrEqual(startMs + 3 * hourMs);
  expect(reply).toMatchObject({
    kind: "done",
    moved: [
      {
        job,
        from: { start: instant(before.startAtMs), capWatts: 0 },
        to: { start: instant(now.startAtMs) },
      },
    ],
  });
  expect(events).toMatchObject([
    { kind: "budget-set" },
    { kind: "reservation-made", job, startAt: instant(now.startAtMs) },
  ]);
  expect(told(hub, job)).toContain(
    `a start is kept for it at ${minute(now.startAtMs)}: budget "evening" (hub at 32.0 kW until +180) puts it off from +91`,
  );
  // One that leaves more room gives it back, as its removal does.
  execute(hub, budget(45_000, evening));
  expect(keptFor(hub, job).startAtMs).toBe(before.startAtMs);
  execute(hub, budget(32_000, evening));
  execute(hub, removal);
  expect(keptFor(hub, job)).toMatchObject({
    startAtMs: before.startAtMs,
    holdsUntilMs: before.holdsUntilMs,
  });
});

test("less than a minute later is not told: the same minute would stand there twice", () => {
  const { hub, job } = hubWithPromise();
  execute(hub, budget(32_000, evening));
  const kept = keptFor(hub, job);
  const of = known(hub.state.jobs.get(job), "job");
  const soonest = known(movedBy(hub.state, of, kept), "what moves it").startAtMs;
  // The very reservation of the site, as if it had been kept for that moment.
  const movedTo = (startAtMs: number): unknown =>
    movedBy(hub.state, of, Object.assign(kept, { startAtMs }));
  expect(movedTo(soonest + 2 * minuteMs)).toBeDefined();
  expect(movedTo(soonest + minuteMs / 2)).toBeUndefined();
});

test("what would be sooner with all that was ordered, since others ended early, is put off by none of it", () => {
  const { hub, job } = hubWithPromise();
  execute(hub, budget(90_000, [startMs + hourMs], "wide"));
  hub.finish(2);
  expect(keptFor(hub, job).startAtMs).toBeGreaterThan(hub.nowMs + hourMs);
  expect(told(hub, job)).not.toContain("wide");
});

test("of two budgets only the one that is in the way is named", () => {
  const { hub, job } = hubWithPromise();
  execute(hub, budget(90_000, [startMs], "wide"));
  execute(hub, budget(32_000, evening));
  expect(told(hub, job)).toMatch(
    /budget "evening" \(hub at 32.0 kW until \+180\) puts it off from/,
  );
  expect(told(hub, job)).not.toContain("wide");
});

test("a budget that leaves room for what is promised moves nothing", () => {
  const { hub, job } = hubWithPromise();
  const before = keptFor(hub, job);
  const { reply, events } = execute(hub, budget(45_000, evening));
  expect(reply).toEqual({ kind: "done" });
  expect(events).toMatchObject([{ kind: "budget-set" }]);
  expect(keptFor(hub, job)).toBe(before);
  expect(told(hub, job)).not.toContain("puts it off");
});

for (const command of [
  { kind: "cordon-nodes", reason: "fans" },
  { kind: "drain-nodes", reason: "fans", deadline: instant(startMs), thenDo: "wait" },
] as const) {
  test(`${command.kind} answers the promised start that it moves, and why names the node`, () => {
    const { hub, job } = hubWithPromise();
    const before = keptFor(hub, job);
    const idle = 7;
    expect(before.nodes).toContain(idle);
    const { reply, events } = execute(hub, { ...command, site: "hub", nodes: [idle] });
    const now = keptFor(hub, job);
    expect(now.startAtMs).toBeGreaterThan(before.startAtMs);
    expect(reply).toMatchObject({ kind: "done", moved: [{ job, to: { start: now.startAtMs } }] });
    expect(events).toMatchObject([{}, { kind: "reservation-made", job }]);
    const digest = stateDigest(hub.state);
    expect(told(hub, job)).toMatch(/the cordoned node \S*-2\/\S+ puts it off from \+91/);
    expect(stateDigest(hub.state)).toBe(digest);
  });
}

test("who can be promised no start without a node is named without a new one", () => {
  const { hub, job } = hubWithPromise(8);
  const { reply } = execute(hub, { kind: "cordon-nodes", site: "hub", nodes: [7], reason: "fans" });
  expect(reply).toMatchObject({ kind: "done", moved: [{ job }] });
  expect(reply.kind === "done" ? reply.moved?.[0]?.to : "").toBe(undefined);
});

test("why names everything that puts a start off, and nothing that does not", () => {
  const { hub, job } = hubWithPromise();
  const before = keptFor(hub, job);
  execute(hub, budget(32_000, evening));
  execute(hub, budget(45_000, evening, "wide"));
  const curtailment = {
    id: "night",
    site: "hub",
    domain: "hub",
    mode: "planned",
    target: watts(32_000),
    baseline: watts(40_000),
    start: instant(startMs + 3.5 * hourMs),
    end: instant(startMs + 5 * hourMs),
    ramp: milliseconds(5 * minuteMs),
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(startMs),
  };
  execute(hub, { kind: "schedule-curtailment", curtailment });
  expect(keptFor(hub, job).startAtMs).toBeGreaterThanOrEqual(startMs + 5 * hourMs);
  expect(told(hub, job)).toContain(
    `: budget "evening" (hub at 32.0 kW until +180) and curtailment "night" (hub at 32.0 kW until +300) together put it off from ${minute(before.startAtMs)}`,
  );
  expect(told(hub, job)).not.toContain("wide");
});
