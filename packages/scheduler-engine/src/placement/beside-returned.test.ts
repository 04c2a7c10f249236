import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { MeteredHub, minuteMs, pausing } from "../testing/test-metered-hub.ts";
import { cappedHub, hourMs, startMs } from "../testing/test-hub.ts";
import { known } from "../state/assert.ts";
import type { Job } from "../state/job.ts";

/** What all idle nodes draw beside the fixed load, and GPUs of four nodes: 3.2 kW each. */
const limitWatts = 1_000 + 8 * 2_000 + 4 * 3_200;
const walltime = milliseconds(10 * hourMs);

interface Pausing {
  readonly gangMs: number;
  readonly othersMs: number;
  readonly headNodes: number;
  readonly endMs?: number;
  readonly restoreMs?: number;
}

/** A gang is paused from ten minutes on, mostly for two hours; the head is promised its start when the others have ended. */
function hubWithPause({
  gangMs,
  othersMs,
  headNodes,
  endMs = startMs + 130 * minuteMs,
  restoreMs = 2 * minuteMs,
}: Pausing): {
  readonly hub: MeteredHub;
  readonly head: Job;
  readonly promisedMs: number;
} {
  const hub = new MeteredHub(cappedHub().replace("limit: 250 kW", `limit: ${limitWatts} W`));
  const checkpoint = { save: milliseconds(minuteMs), restore: milliseconds(restoreMs) };
  hub.run({ ...pausing, walltime: milliseconds(gangMs), checkpoint });
  hub.run({ nodeCount: 2, walltime: milliseconds(othersMs) });
  hub.beginAll();
  const number = hub.run({ nodeCount: headNodes, walltime: milliseconds(hourMs) });
  const head = known(hub.state.jobs.get(number), "head");
  hub.playUntil(startMs + minuteMs);
  const start = instant(startMs + 10 * minuteMs);
  const end = instant(endMs);
  const hall = { domain: hub.hall("hall-1"), ramp: milliseconds(0), start, end };
  const reply = hub.curtail("noon", { ...hall, target: watts(14_000), giveUp: [50] });
  expect(reply.kind).toBe("done");
  hub.playUntil(startMs + 30 * minuteMs);
  expect(hub.state.curtailments.paused.size).toBe(1);
  const promisedMs = known(hub.site.pools[0]?.reservations[0], "promised start").startAtMs;
  return { hub, head, promisedMs };
}

function startedMs({ active }: Job): number | undefined {
  return active?.get(0)?.startedAtMs;
}

test("who starts beside a pause leaves the watts of later, too, beside which others were promised theirs", () => {
  const gangMs = 10 * hourMs;
  const { hub, head, promisedMs } = hubWithPause({ gangMs, othersMs: 3 * hourMs, headNodes: 3 });
  const newcomer = known(hub.state.jobs.get(hub.run({ walltime })), "newcomer");
  expect(newcomer.runningCount).toBe(0);
  hub.playUntil(promisedMs + minuteMs);
  expect(startedMs(head)).toBeLessThanOrEqual(promisedMs);
  expect(hub.state.curtailments.paused.size).toBe(0);
});

test("who cancels a curtailment brings nobody back sooner in the room of who is promised a start by then", () => {
  const gangMs = 50 * minuteMs;
  const { hub, head, promisedMs } = hubWithPause({ gangMs, othersMs: hourMs, headNodes: 4 });
  expect(promisedMs).toBeLessThan(startMs + 1.1 * hourMs);
  const at = instant(hub.nowMs);
  hub.engine.execute({ kind: "cancel-curtailment", at, by: "olga", id: "noon", reason: "" });
  hub.playUntil(promisedMs + minuteMs);
  expect(startedMs(head)).toBeLessThanOrEqual(promisedMs);
  hub.playUntil(promisedMs + 1.2 * hourMs);
  expect(hub.state.curtailments.paused.size).toBe(0);
});

test("also while it would read its checkpoint back", () => {
  const { hub, head, promisedMs } = hubWithPause({
    gangMs: 10 * hourMs,
    othersMs: 115 * minuteMs,
    headNodes: 3,
    restoreMs: 30 * minuteMs,
  });
  hub.run({ walltime });
  hub.playUntil(startMs + 131 * minuteMs);
  expect(hub.state.curtailments.paused.size).toBe(0);
  expect(hub.attempts.map(({ job }) => job)).toContain(1);
  hub.playUntil(promisedMs + minuteMs);
  expect(startedMs(head)).toBeLessThanOrEqual(promisedMs);
});

test("who may come back before he was told waits for a promised start that is due", () => {
  const { hub, head, promisedMs } = hubWithPause({
    gangMs: 10 * hourMs,
    othersMs: 3 * hourMs,
    headNodes: 3,
    endMs: startMs + 10 * hourMs,
  });
  hub.run({ walltime });
  hub.playUntil(promisedMs + minuteMs);
  expect(startedMs(head)).toBeLessThanOrEqual(promisedMs + 10_000);
});
