import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { defaultLimits } from "../../limits.ts";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { Event } from "../../words/event.ts";
import type { Attempt } from "../../state/job.ts";
import { takingTurns } from "../../testing/test-taking-turns.ts";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { planAhead } from "./plan-ahead.ts";

/** Four jobs take turns, and no other node takes any. */
function withoutOthers(): MeteredHub {
  const hub = takingTurns();
  hub.cordon(4, 5, 6, 7);
  return hub;
}

function runningOf(hub: MeteredHub): readonly number[] {
  return hub.attempts.filter(({ phase }) => phase !== "stopping").map(({ job }) => job);
}

test("a paused job comes back before its planned minute when others end early, and newcomers start", () => {
  const hub = withoutOthers();
  const paused = known([...hub.state.curtailments.paused.values()][0], "paused");
  expect(paused.untilMs).toBeGreaterThan(startMs + 100 * minuteMs);
  runningOf(hub).forEach((job) => hub.finish(job));
  hub.playUntil(startMs + 30 * minuteMs);
  expect(runningOf(hub)).toEqual([paused.job]);
  const newcomer = hub.run({ nodeCount: 1, walltime: milliseconds(10 * minuteMs) });
  hub.playUntil(hub.nowMs + minuteMs);
  expect(runningOf(hub)).toContain(newcomer);
  hub.playUntil(startMs + hourMs);
  expect(complianceOf(hub.state, "evening")?.minutesOverCount).toBe(0);
});

test("while the others run on, nobody's turn changes", () => {
  const hub = withoutOthers();
  const before = hub.state.curtailments.pauses.get("hub");
  hub.playUntil(startMs + hourMs);
  expect(hub.state.curtailments.pauses.get("hub")).toEqual(before);
});

test("who owes an answer to an order about caps keeps the turn that was planned for him, whatever is planned anew", () => {
  const hub = withoutOthers();
  const turns = known(hub.state.curtailments.pauses.get("hub"), "turns");
  const next = known(
    turns.find(({ fromMs }) => fromMs > hub.nowMs),
    "the next turn",
  );
  const attempt = known(
    hub.attempts.find(({ job }) => job === next.job),
    "its attempt",
  );
  attempt.heldNodes.forEach((node) => hub.silent.add(node));
  const { job, task, attempt: count, endsByMs } = attempt;
  const capWatts = (attempt.capWatts || 400) - 5;
  const key = { job, task, attempt: count };
  const at = instant(hub.nowMs);
  hub.engine.replay({
    at,
    command: { kind: "place", at },
    events: [{ kind: "cap-set", attempt: key, capWatts, endsBy: instant(endsByMs) }],
  });
  hub.playUntil(hub.nowMs + 30_000);
  const record = known(hub.state.curtailments.records.get("evening"), "evening");
  const planned: Event[] = [];
  const emit = (event: Event): void => {
    planned.push(event);
  };
  planAhead({ state: hub.state, limits: defaultLimits, emit }, hub.site, record);
  const pauses = planned.flatMap((event) => (event.kind === "pauses-planned" ? event.pauses : []));
  expect(pauses.filter((one) => one.job === job)).toEqual([
    { job, fromMs: next.fromMs, untilMs: next.untilMs, curtailment: "evening" },
  ]);
});

/** GPUs draw less than curves say, which nobody has measured for long. */
class SuddenHub extends MeteredHub {
  override drawShare(_attempt: Attempt): number {
    return 0.84;
  }
}

test("in one of five minutes that gives floors up, too, who is paused for watts that nobody takes is let back, and not paused again", () => {
  const hub = new SuddenHub();
  const checkpoint = { save: milliseconds(30_000), restore: milliseconds(20_000) };
  for (let job = 0; job < 64; job += 1) {
    hub.run({ ...pausing, gpusPerNode: 1, checkpoint });
  }
  const endMs = startMs + 6 * minuteMs;
  const reply = hub.curtail("sudden", {
    target: watts(31_000),
    start: instant(startMs + minuteMs),
    end: instant(endMs),
    ramp: milliseconds(0),
    giveUp: [50],
  });
  expect(reply).toEqual({ kind: "done" });
  hub.playUntil(startMs + 2 * minuteMs);
  const before = runningOf(hub);
  expect(before.length).toBeLessThan(45);
  hub.playUntil(startMs + 3 * minuteMs);
  const after = runningOf(hub);
  expect(after.length).toBeGreaterThan(before.length + 5);
  hub.playUntil(endMs - minuteMs);
  expect(runningOf(hub)).toEqual(expect.arrayContaining([...before, ...after]));
  hub.playUntil(endMs);
  expect(complianceOf(hub.state, "sudden")?.minutesOverCount).toBe(0);
});
