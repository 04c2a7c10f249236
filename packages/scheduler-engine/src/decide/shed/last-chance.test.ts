import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { complianceOf } from "../../read/curtailments/compliance.ts";
import { known } from "../../state/assert.ts";
import { startMs } from "../../testing/test-hub.ts";
import { bending, MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";

const beginMs = startMs + 30 * minuteMs;
const pauseMs = beginMs + 10 * minuteMs;

/** Measured once a minute. */
class SeldomHub extends MeteredHub {
  override get periodMs(): number {
    return minuteMs;
  }

  /** It writes its checkpoint from now on, and is to come back in two minutes. */
  pause(job: number): void {
    const one = known(
      this.attempts.find((attempt) => attempt.job === job),
      "it runs",
    );
    const at = instant(this.nowMs);
    const until = instant(this.nowMs + 2 * minuteMs);
    const attempt = { job, task: one.task, attempt: one.attempt };
    this.engine.replay({
      at,
      command: { kind: "place", at },
      events: [
        { kind: "job-paused", job, site: "hub", curtailment: "noon", until },
        { kind: "stop-requested", attempt, reason: "preemption" },
      ],
    });
  }

  isBack(job: number): boolean {
    return this.attempts.some((one) => one.job === job && one.attempt > 1);
  }
}

/**
 * Three that are at their floors, and one that is over 49 minutes after it comes back at its own, for which the margin
 * of the steering is missing: all draw 16.1 of 16.3 kW then. A budget to come has no room for all four.
 */
function play(budgetMs: number): { readonly hub: SeldomHub; readonly job: number } {
  const hub = new SeldomHub();
  for (let other = 0; other < 3; other += 1) {
    hub.run(other === 0 ? { ...pausing, capMin: watts(0) } : bending);
  }
  hub.playUntil(beginMs - 5 * minuteMs);
  const job = hub.run({ ...pausing, walltime: milliseconds(40 * minuteMs) });
  const asked = { target: watts(16_300), start: instant(beginMs), ramp: milliseconds(0) };
  expect(hub.curtail("noon", asked)).toEqual({ kind: "done" });
  hub.playUntil(pauseMs);
  hub.budget("works", hub.hall("hall-1"), 14_000, [budgetMs]);
  hub.pause(job);
  return { hub, job };
}

test("who waits for a margin comes back as long as he fits beside a budget to come, where his tier bears no more", () => {
  const { hub, job } = play(pauseMs + 52 * minuteMs);
  hub.playUntil(pauseMs + 5 * minuteMs);
  expect(hub.isBack(job)).toBe(false);
  hub.playUntil(pauseMs + 12 * minuteMs);
  expect(hub.isBack(job)).toBe(true);
  hub.playUntil(pauseMs + 60 * minuteMs);
  const { minutesOverCount, jobs } = known(complianceOf(hub.state, "noon"), "noon");
  expect(minutesOverCount).toBe(0);
  expect(jobs.find((one) => one.job === job)?.isTierBroken).toBe(false);
});

test("he waits for nobody who is told to stop, where the target holds with both", () => {
  // A minute later it has no room any more.
  const { hub, job } = play(pauseMs + 42 * minuteMs);
  hub.playUntil(pauseMs + minuteMs);
  hub.silent.add(0);
  hub.pause(1);
  hub.playUntil(pauseMs + 4 * minuteMs);
  expect(hub.attempts.find((one) => one.job === 1)?.phase).toBe("stopping");
  expect(hub.isBack(job)).toBe(true);
});
