import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { explained, Hub, hourMs, spec } from "../../testing/test-hub.ts";
import type { Explanation } from "./explanation.ts";
import { planJob } from "./plan.ts";
import { explanationSentence } from "./sentence.ts";

const hours = (count: number) => milliseconds(count * hourMs);

function textOf(hub: Hub, explanation: Explanation): string {
  const time = (atMs: number): string => `+${Math.round((atMs - hub.nowMs) / 60_000)}`;
  return explanationSentence(explanation, { time });
}

/** All its nodes are busy for two hours. */
function busyHub(): Hub {
  const hub = new Hub();
  hub.run({ nodeCount: 8, walltime: hours(2) });
  return hub;
}

test("who is kept a start that is too late for its deadline is told by when it is done, by why and plan", () => {
  const hub = busyHub();
  // Alone it would be in time: its start makes it late.
  const changes = { walltime: hours(1), deadline: instant(hub.nowMs + 2.5 * hourMs) };
  const planned = planJob(hub.state, hub.engine.limits, spec(changes), "aida");
  const job = hub.run(changes);
  const told =
    "; with the kept start it is done by +181 at the latest, 31 min after its deadline +150";
  expect(textOf(hub, explained(hub, job))).toContain(told);
  expect(planned.kind === "waits" ? textOf(hub, planned.explanation) : planned.kind).toContain(
    told,
  );
});

test("who may be in time with the start kept for it is told nothing", () => {
  const hub = busyHub();
  const deadline = instant(hub.nowMs + 3.1 * hourMs);
  const inTime = hub.run({ walltime: hours(1), deadline });
  expect(explained(hub, inTime).deadlineMissed).toBeUndefined();
  const bends = busyHub();
  const changes = { walltime: hours(2), walltimeMin: hours(1), deadline };
  expect(explained(bends, bends.run(changes)).deadlineMissed).toBeUndefined();
});

test("behind a promised start the estimate is what counts", () => {
  const hub = new Hub();
  hub.run({ nodeCount: 4, walltime: hours(2) });
  hub.run({ nodeCount: 8 });
  const deadline = instant(hub.nowMs + 4.5 * hourMs);
  const explanation = explained(hub, hub.run({ walltime: hours(4), deadline }));
  expect(explanation.deadlineMissed?.endMs).toBe(explanation.startOptions[0]?.endsByMs);
  expect(textOf(hub, explanation)).toMatch(
    /; by estimate it is done by about \+\d+, 2 h \d+ min after its deadline \+270(;|$)/,
  );
});

test("where only the earliest start is known, the deadline is missed if nothing ends early", () => {
  const hub = busyHub();
  hub.run({ nodeCount: 8 });
  const job = hub.run({ nodeCount: 8, deadline: instant(hub.nowMs + 2.5 * hourMs) });
  expect(textOf(hub, explained(hub, job))).toContain(
    "; its deadline +150 is missed if nothing ends before its walltime: it ends at +180 at the earliest then, 30 min late",
  );
});

test("who runs or waits for nothing known cannot keep a deadline before its walltime is over", () => {
  const hub = new Hub();
  const changes = { walltime: hours(2), deadline: instant(hub.nowMs + 1.5 * hourMs) };
  const told =
    "; its deadline +90 cannot be kept if it uses its walltime: it ends at +120 at the earliest, 30 min late";
  expect(textOf(hub, explained(hub, hub.run(changes)))).toContain(told);
  const held = hub.submit({ ...changes, isHeld: true });
  expect(textOf(hub, explained(hub, held))).toContain(told);
});
