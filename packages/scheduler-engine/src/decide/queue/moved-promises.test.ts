import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stateDigest } from "../../history/digest.ts";
import { explainJob } from "../../read/explain/explain.ts";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { explanationSentence } from "../../read/explain/sentence.ts";
import { cappedHub, explained, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Reservation } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { Event } from "../../words/event.ts";

const minuteMs = 60_000;
const rigid = { flexibilityTier: 0, workloadClass: "straight" } as const;

/** Four nodes are busy for long by a gang that bends, two for ninety minutes: then a gang is promised these and the idle ones. */
function hubWithPromise(): { readonly hub: Hub; readonly job: number } {
  const hub = new Hub(cappedHub());
  hub.run({ ...rigid, flexibilityTier: 50, nodeCount: 4, walltime: milliseconds(20 * hourMs) });
  hub.run({ ...rigid, nodeCount: 2, walltime: milliseconds(1.5 * hourMs) });
  const job = hub.run({ ...rigid, nodeCount: 4, walltime: milliseconds(hourMs) });
  return { hub, job };
}

function asked(targetWatts: number, changes: Partial<Curtailment> = {}): Curtailment {
  return {
    id: "evening",
    site: "hub",
    domain: "hub",
    mode: "planned",
    target: watts(targetWatts),
    baseline: watts(40_000),
    start: instant(startMs + hourMs),
    end: instant(startMs + 3 * hourMs),
    ramp: milliseconds(5 * minuteMs),
    reason: "grid",
    setBy: "olga",
    noticedAt: instant(startMs),
    ...changes,
  };
}

function keptFor(hub: Hub, job: number): Reservation {
  const pools = [...hub.state.sites.values()].flatMap((site) => site.pools);
  const kept = pools.flatMap((pool) => pool.reservations).find((one) => one.job === job);
  return known(kept, "what is kept for the job");
}

function execute(hub: Hub, command: object): readonly Event[] {
  const { reply, entry } = hub.engine.execute({
    at: instant(hub.nowMs),
    by: "olga",
    ...command,
  } as never);
  expect(reply.kind).toBe("done");
  expect(entry.events.length).toBeGreaterThan(0);
  return entry.events;
}

test("a preview lists the promised start that a curtailment moves, and scheduling it moves just that in its own entry", () => {
  const { hub, job } = hubWithPromise();
  const before = keptFor(hub, job);
  const curtailment = asked(32_000);
  const digest = stateDigest(hub.state);
  const ledger = hub.ledger();
  const preview = previewCurtailment(hub.state, curtailment);
  expect(stateDigest(hub.state)).toBe(digest);
  expect(hub.ledger()).toBe(ledger);
  expect(keptFor(hub, job)).toBe(before);
  if (preview.kind !== "preview") {
    throw new Error(preview.message);
  }
  const [moved] = preview.moved;
  expect(preview.moved).toHaveLength(1);
  expect(moved).toMatchObject({ job, from: { start: instant(before.startAtMs), capWatts: 0 } });
  expect(toNumber(known(moved?.to, "its new start").start)).toBeGreaterThan(startMs + 3 * hourMs);

  const command = { kind: "schedule-curtailment", at: instant(hub.nowMs), by: "olga", curtailment };
  const { reply, entry } = hub.engine.execute(command as never);
  expect(reply).toEqual({ kind: "done", moved: preview.moved });
  expect(entry.events).toMatchObject([
    { kind: "curtailment-scheduled" },
    { kind: "reservation-made", job, startAt: moved?.to?.start },
  ]);
});

test("a promised start that a curtailment leaves room for is kept, and nothing is listed", () => {
  const { hub, job } = hubWithPromise();
  const before = keptFor(hub, job);
  const curtailment = asked(38_000);
  expect(previewCurtailment(hub.state, curtailment)).toMatchObject({ kind: "preview", moved: [] });
  execute(hub, { kind: "schedule-curtailment", curtailment });
  hub.place();
  expect(keptFor(hub, job)).toBe(before);
});

test("who is moved is told by which curtailment, and the time that is kept now", () => {
  const { hub, job } = hubWithPromise();
  const { startAtMs } = keptFor(hub, job);
  const time = (atMs: number): string => `+${(atMs - startMs) / minuteMs}`;
  const told = (): string => explanationSentence(explained(hub, job), { time });
  expect(told()).not.toContain("curtailment");
  execute(hub, { kind: "schedule-curtailment", curtailment: asked(32_000) });
  const now = keptFor(hub, job).startAtMs;
  expect(told()).toContain(
    `a start is kept for it at ${time(now)}: curtailment "evening" (hub at 32.0 kW until +180) puts it off from ${time(startAtMs)}`,
  );
  expect(told()).not.toContain("earliest start");
  expect(explainJob(hub.state, job)?.reservedStartMs).toBe(now);
});

test("when the curtailment is cancelled, the promise goes back to the earlier start", () => {
  const { hub, job } = hubWithPromise();
  const before = keptFor(hub, job);
  execute(hub, { kind: "schedule-curtailment", curtailment: asked(32_000) });
  hub.place();
  expect(keptFor(hub, job).startAtMs).toBeGreaterThan(before.startAtMs);
  execute(hub, { kind: "cancel-curtailment", id: "evening", reason: "over" });
  expect(keptFor(hub, job)).toMatchObject({
    startAtMs: before.startAtMs,
    holdsUntilMs: before.holdsUntilMs,
    capWatts: before.capWatts,
  });
});
