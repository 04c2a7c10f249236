import { instant, milliseconds, parseWatts, toNumber, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { stateDigest } from "../../history/digest.ts";
import {
  type CurtailmentPreview,
  previewCurtailment,
} from "../../read/curtailments/preview-curtailment.ts";
import { explanationSentence } from "../../read/explain/sentence.ts";
import { cappedHub, explained, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { nodeAsleep, nodeOff } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { Event } from "../../words/event.ts";
import type { MovedPromise, Reply } from "../../words/reply.ts";
import { bending, cancel, code, curtailment, minuteMs } from "../../testing/test-full-hub.ts";
import { PromisedHub, stepMs, walltime } from "../../testing/test-promised-hub.ts";

const sleepers = [4, 5, 6, 7];

/** Four nodes run for two hours, the others are idle, and kept for a start on all of them then. */
function promisedHub(): PromisedHub {
  return new PromisedHub({ runMs: 2 * hourMs });
}

/** Idle nodes draw 8 kW of 29.8 kW: below 22 kW they have to go, which below 25 kW costs nobody speed. */
function asked(endMs: number, changes: Partial<Curtailment> = {}): Curtailment {
  const start = instant(startMs + hourMs / 2);
  const end = instant(endMs);
  return curtailment({ mode: "planned", target: watts(22_000), start, end, ...changes });
}

function preview(hub: Hub, one: Curtailment): CurtailmentPreview {
  const seen = previewCurtailment(hub.state, one);
  if (seen.kind !== "preview") {
    throw new Error(seen.message);
  }
  return seen;
}

function scheduled(
  hub: Hub,
  one: Curtailment,
): { readonly reply: Reply; readonly events: readonly Event[] } {
  const command = { kind: "schedule-curtailment", at: instant(hub.nowMs), by: "olga" } as const;
  const { reply, entry } = hub.engine.execute({ ...command, curtailment: one });
  return { reply, events: entry.events };
}

/** What was shed is back a minute after the end; woken in three, the nodes have one to spare. */
function backMs({ end }: Curtailment): number {
  return toNumber(end) + 5 * minuteMs;
}

function movedTo(one: MovedPromise | undefined): number {
  return toNumber(known(one?.to, "new start").start);
}

test("a start whose nodes floors need off is let go, moved to when they are back, and comes back when it is cancelled", () => {
  const hub = promisedHub();
  const { promisedMs } = hub;
  const one = asked(promisedMs - 3 * minuteMs);
  const digest = stateDigest(hub.state);
  const { moved, forecast } = preview(hub, one);
  expect(stateDigest(hub.state)).toBe(digest);
  expect(moved).toMatchObject([{ job: hub.head, from: { start: instant(promisedMs) } }]);
  expect(movedTo(moved[0])).toBe(backMs(one));
  expect(forecast.nodesOffCount).toBe(4);
  expect(forecast.reserved).toEqual([]);

  const { reply, events } = scheduled(hub, one);
  expect(reply).toEqual({ kind: "done", moved });
  expect(events).toMatchObject([
    { kind: "curtailment-scheduled" },
    { kind: "reservation-dropped", job: hub.head },
    { kind: "reservation-made", job: hub.head, startAt: instant(backMs(one)) },
  ]);
  hub.passUntil(startMs + hourMs / 4);
  expect(hub.promisedMs).toBe(backMs(one));
  cancel(hub);
  expect(hub.promisedMs).toBe(promisedMs);
});

test("its nodes are off meanwhile, and it starts when it is promised to", () => {
  const hub = promisedHub();
  const one = asked(hub.promisedMs - 3 * minuteMs);
  hub.curtail(one);
  hub.passUntil(startMs + hourMs);
  expect(hub.nodesWith(nodeOff)).toEqual(sleepers);
  expect(hub.feedWatts()).toBeLessThanOrEqual(22_000);
  hub.passUntil(backMs(one) + stepMs);
  expect(hub.startedMs).toBeLessThanOrEqual(backMs(one));
});

test("when it is cancelled while they are off, the start comes back as soon as they do", () => {
  const hub = promisedHub();
  const { promisedMs } = hub;
  hub.curtail(asked(promisedMs - 3 * minuteMs));
  hub.passUntil(startMs + hourMs);
  expect(hub.nodesWith(nodeOff)).toEqual(sleepers);
  // Meanwhile it is told what puts it off.
  const time = (atMs: number): string => `+${(atMs - startMs) / minuteMs}`;
  expect(explanationSentence(explained(hub, hub.head), { time })).toContain(
    `curtailment "evening" (hub at 22.0 kW until ${time(promisedMs - 3 * minuteMs)}) puts it off from ${time(promisedMs)}`,
  );
  cancel(hub);
  hub.pass(5 * minuteMs);
  expect(hub.nodesWith(nodeOff | nodeAsleep)).toEqual([]);
  expect(hub.promisedMs).toBe(promisedMs);
});

test("a start beside which every floor is kept is kept itself, though its nodes on cost others speed", () => {
  const hub = promisedHub();
  const { promisedMs } = hub;
  const one = asked(promisedMs - 3 * minuteMs, { target: watts(25_000) });
  const { moved, forecast } = preview(hub, one);
  expect(moved).toEqual([]);
  expect(forecast.nodesOffCount).toBe(0);
  const start = instant(promisedMs);
  expect(forecast.reserved).toEqual([{ job: hub.head, start, nodeCount: 4, holds: watts(8_000) }]);
  expect(hub.curtail(one)).toEqual({ kind: "done" });
  expect(hub.promisedMs).toBe(promisedMs);
});

test("one that there is no room for is moved, and then its nodes do not stay on for it either", () => {
  const hub = promisedHub();
  const one = asked(hub.promisedMs + hourMs, { target: watts(25_000) });
  const { moved, forecast } = preview(hub, one);
  expect(movedTo(moved[0])).toBe(backMs(one));
  expect(forecast.nodesOffCount).toBeGreaterThan(0);
  // No more than until nodes are off.
  expect(Math.max(...forecast.jobs.map(({ lossPercent }) => lossPercent))).toBeLessThan(1);
  hub.curtail(one);
  hub.passUntil(startMs + hourMs);
  expect(hub.nodesWith(nodeOff)).toHaveLength(forecast.nodesOffCount);
});

test("an emergency does not wait for a promised start either", () => {
  const hub = promisedHub();
  const one = asked(hub.promisedMs + hourMs, { mode: "emergency", start: instant(startMs) });
  const { moved } = preview(hub, one);
  expect(movedTo(moved[0])).toBe(backMs(one));
  expect(hub.curtail(one)).toEqual({ kind: "done", moved });
  expect(hub.nodesWith(nodeAsleep)).toEqual(sleepers);
});

test("what is refused names a target that is possible with the start moved", () => {
  const hub = promisedHub();
  const late = asked(hub.promisedMs - 3 * minuteMs, { target: watts(10_000) });
  const refused = hub.curtail(late);
  const message = refused.kind === "rejected" ? refused.message : "";
  expect(message).not.toMatch(/stays? on with/);
  const [, smallest = ""] = /keeps every floor is ([\d.]+ kW)/.exec(message) ?? [];
  const said = parseWatts(smallest);
  const target = known(said.kind === "ok" ? said.value : undefined, "a target");
  expect(toNumber(target)).toBeLessThan(21_800);
  expect(code(hub.curtail({ ...late, target }))).toBe("done");
});

test("of several as few as it takes are let go, those of low classes first", () => {
  const hub = new Hub(cappedHub());
  for (const runMs of [2 * hourMs, 2 * hourMs + minuteMs]) {
    hub.run({ ...bending, nodeCount: 2, walltime: milliseconds(runMs) });
  }
  // Of four idle nodes three are kept for the first, and one for the second.
  const low = hub.run({ nodeCount: 5, walltime });
  const high = hub.run({ nodeCount: 3, walltime, priorityClass: "high" });
  const kept = known(hub.state.sites.get("hub"), "hub").pools.flatMap((pool) => pool.reservations);
  expect(kept.map(({ job }) => job)).toEqual([low, high]);
  // Floors need one of the nodes off.
  const end = known(kept[0], "promise").startAtMs - 3 * minuteMs;
  const { reply, events } = scheduled(hub, asked(end));
  expect(reply).toMatchObject({ kind: "done", moved: [{ job: low }] });
  expect(events).toMatchObject([
    { kind: "curtailment-scheduled" },
    { kind: "reservation-dropped", job: low },
    { kind: "reservation-made", job: low },
  ]);
});

test("a start whose nodes sleep already for another curtailment is let go for floors as well, and moved to when they are back", () => {
  const hub = promisedHub();
  const { promisedMs } = hub;
  hub.curtail(asked(startMs + 1.5 * hourMs));
  hub.passUntil(startMs + hourMs);
  expect(hub.nodesWith(nodeOff)).toEqual(sleepers);
  expect(hub.promisedMs).toBe(promisedMs);
  // They would be woken for the start before this one has given back what it sheds.
  const start = instant(hub.nowMs + 5 * minuteMs);
  const longer = asked(promisedMs - 3 * minuteMs, { id: "night", start });
  const { moved, forecast } = preview(hub, longer);
  expect(moved).toMatchObject([{ job: hub.head, from: { start: instant(promisedMs) } }]);
  expect(forecast.kind).toBe("forecast");
  const toMs = movedTo(moved[0]);
  expect(toMs).toBeGreaterThanOrEqual(backMs(longer));
  expect(hub.curtail(longer)).toEqual({ kind: "done", moved });
  hub.passUntil(toNumber(longer.end));
  expect(hub.nodesWith(nodeOff)).toEqual(sleepers);
  hub.passUntil(toMs + stepMs);
  expect(hub.startedMs).toBeLessThanOrEqual(toMs);
});
