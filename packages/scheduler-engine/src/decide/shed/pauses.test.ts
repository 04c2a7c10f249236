import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { applyEvent } from "../../apply/apply.ts";
import { cappedHub, Hub, hourMs, startMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import type { Event } from "../../words/event.ts";
import { describeShed } from "./describe-shed.ts";
import { startShrinks } from "./pauses.ts";

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
      ramp: milliseconds(10 * minuteMs),
      reason: "grid",
      setBy: "olga",
      noticedAt: instant(startMs),
    },
  });
  stopPaused(hub);
  return hub;
}

/** What was asked to pause writes its checkpoint and stops. */
function stopPaused(hub: Hub): void {
  for (const { job: number } of hub.state.curtailments.paused.values()) {
    const job = known(hub.state.jobs.get(number), "paused job");
    for (const { task, attempt, phase } of activeAttempts(job)) {
      if (phase === "stopping") {
        hub.report({ kind: "checkpointed", attempt: { job: number, task, attempt } });
        hub.finish(number, task, 143);
      }
    }
  }
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
    stopPaused(hub);
    hub.place();
  }
}

test("a pause that ends with its curtailment lets its job back once, not in a circle", () => {
  const hub = pausedHub();
  expect(hub.state.curtailments.paused.size).toBeGreaterThan(0);
  goOn(hub, startMs + hourMs);
  // The last pauses end so late that their jobs can read their checkpoints back by then.
  const last = hub.state.curtailments.pauses.get("hub")?.map(({ untilMs }) => untilMs) ?? [];
  expect(last).toContain(startMs + 2 * hourMs + restoreMs);
  const events = goOn(hub, startMs + 3 * hourMs);
  expect(events.filter(({ kind }) => kind === "job-resumed").length).toBeGreaterThan(0);
  expect(hub.state.curtailments.paused.size).toBe(0);
});

test("who stops already to pause does not stop a second time to shrink", () => {
  const hub = pausedHub();
  const { state } = hub;
  const site = known(state.sites.get("hub"), "hub");
  const described = describeShed(state, site, {
    ceiling: site.hardCeiling,
    counts: "cap",
    noticeMs: 0,
    atMs: state.nowMs,
    record: undefined,
  });
  const upCount = described.members.filter(({ attempt }) => attempt?.phase === "starting").length;
  const running = known(
    [...site.attempts].find(({ phase }) => phase === "starting"),
    "one that runs",
  );
  const emitted: Event[] = [];
  const deciding = {
    state,
    limits: hub.engine.limits,
    emit: (event: Event): void => {
      emitted.push(event);
      applyEvent(state, event);
    },
  };
  const shrinks = described.members.map(({ shed }) => ({ id: shed.id, nodeCount: 1 }));
  const { job, task, attempt } = running;
  deciding.emit({ kind: "stop-requested", attempt: { job, task, attempt }, reason: "preemption" });
  startShrinks(deciding, site, described, { shrinks });
  expect(upCount).toBeGreaterThan(1);
  expect(emitted.filter(({ kind }) => kind === "stop-requested")).toHaveLength(upCount);
});
