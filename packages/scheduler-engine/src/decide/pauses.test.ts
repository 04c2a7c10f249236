import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { cappedHub, Hub, hourMs, startMs } from "../read/test-hub.ts";
import type { Event } from "../words/event.ts";

const minuteMs = 60_000;
const restoreMs = 2 * minuteMs;
const checkpoint = { save: milliseconds(minuteMs), restore: milliseconds(restoreMs) };

/** Four gangs fill the hub; no cap helps, so some pause for an emergency of two hours. */
function pausedHub(): Hub {
  const hub = new Hub(cappedHub());
  for (let gang = 0; gang < 4; gang += 1) {
    hub.run({
      flexibilityTier: 50,
      workloadClass: "straight",
      checkpoint,
      capMin: watts(320),
      nodeCount: 2,
      walltime: milliseconds(10 * hourMs),
    });
  }
  hub.engine.execute({
    kind: "schedule-curtailment",
    at: instant(hub.nowMs),
    by: "olga",
    curtailment: {
      id: "evening",
      site: "hub",
      domain: "hub",
      mode: "emergency",
      target: watts(33_000),
      baseline: watts(0),
      start: instant(startMs),
      end: instant(startMs + 2 * hourMs),
      ramp: milliseconds(0),
      reason: "grid",
      setBy: "olga",
      noticedAt: instant(startMs),
    },
  });
  for (const { job } of hub.state.curtailments.paused.values()) {
    hub.report({ kind: "checkpointed", attempt: { job, task: 0, attempt: 1 } });
    hub.finish(job, 0, 143);
  }
  return hub;
}

/** Ticks of one moment until none is due. */
function rest(hub: Hub): readonly Event[] {
  const events: Event[] = [];
  for (let round = 0; (hub.engine.nextTickAtMs() ?? Infinity) <= hub.nowMs; round += 1) {
    expect(round, `ticks at ${hub.nowMs} ms`).toBeLessThan(10);
    const { entry } = hub.engine.execute({ kind: "tick", at: instant(hub.nowMs) });
    events.push(...entry.events);
  }
  return events;
}

/** From tick to tick, as the scheduler's loop goes. */
function goOn(hub: Hub, untilMs: number): readonly Event[] {
  const events: Event[] = [];
  for (;;) {
    const nextMs = hub.engine.nextTickAtMs() ?? Infinity;
    if (nextMs > untilMs) {
      return events;
    }
    hub.nowMs = Math.max(hub.nowMs, nextMs);
    events.push(...rest(hub));
  }
}

test("what is let back early enough to read its checkpoint is not paused and let back in a circle", () => {
  const hub = pausedHub();
  const paused = [...hub.state.curtailments.paused.values()];
  expect(paused.length).toBeGreaterThan(0);
  const [first] = paused;
  const untilMs = first?.untilMs ?? 0;
  expect(hub.state.curtailments.pauses.get("hub")).toContainEqual(
    expect.objectContaining({ job: first?.job, untilMs }),
  );
  const events = goOn(hub, untilMs);
  expect(events.filter(({ kind }) => kind === "job-resumed")).toContainEqual(
    expect.objectContaining({ job: first?.job }),
  );
});

test("a curtailment that is ended early takes its pauses with it", () => {
  const hub = pausedHub();
  const jobs = [...hub.state.curtailments.paused.values()].map(({ job }) => job);
  hub.nowMs += 10 * minuteMs;
  const at = instant(hub.nowMs);
  hub.engine.execute({ kind: "cancel-curtailment", at, by: "olga", reason: "rain", id: "evening" });
  goOn(hub, startMs + 3 * hourMs);
  expect(jobs.length).toBeGreaterThan(0);
  expect(hub.state.curtailments.paused.size).toBe(0);
});
