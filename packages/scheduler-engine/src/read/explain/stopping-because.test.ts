import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { MeteredHub, minuteMs, pausing } from "../../testing/test-metered-hub.ts";
import { activeAttempts } from "../../state/job.ts";
import { stateReason } from "../jobs/state-reason.ts";
import { explained, Hub, hourMs } from "../../testing/test-hub.ts";
import type { Explanation } from "./explanation.ts";
import { explanationSentence } from "./sentence.ts";

function told(hub: Hub, job: number): string {
  return explanationSentence(explained(hub, job), { time: String });
}

test("who is cancelled, or has used its walltime, is told so", () => {
  const hub = new Hub();
  const [cancelled, over] = [hub.run(), hub.run({ walltime: milliseconds(hourMs) })];
  hub.change("cancel-jobs", [cancelled]);
  expect(told(hub, cancelled)).toBe("is told to stop: it was cancelled");
  hub.report({ kind: "attempt-running", attempt: { job: over, task: 0, attempt: 1 } });
  hub.wait(hourMs);
  expect(told(hub, over)).toBe("is told to stop: its walltime is over");
});

const pausedText =
  /^is paused for curtailment "evening" until about \d+; (the plan of that gives it watts again then, so that it loses no more than its tier allows|that is over by then and gives its watts back); it comes back sooner if watts for it are left$/;

test("who is paused is told for which curtailment, and one moment at which it goes on, with its reason", () => {
  const hub = new MeteredHub();
  for (let count = 0; count < 8; count += 1) {
    const job = hub.run(pausing);
    hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  }
  const start = instant(hub.nowMs + 15 * minuteMs);
  hub.curtail("evening", { target: watts(32_000), start, ramp: milliseconds(0) });
  const paused = new Set<string>();
  const waiting = new Set<string>();
  hub.playUntil(hub.nowMs + 20 * minuteMs, () => {
    for (const job of hub.state.jobs.after(0)) {
      if (activeAttempts(job).some(({ phase }) => phase === "stopping")) {
        paused.add(told(hub, job.number));
        expect(stateReason(hub.state, job)).toBe("curtailment");
      } else if (job.attemptCount > 0 && job.pending.length > 0) {
        waiting.add(told(hub, job.number));
        const { startOptions, startLowerBoundMs, suggestion } = explained(hub, job.number);
        expect([startOptions, startLowerBoundMs, suggestion]).toEqual([[], undefined, undefined]);
        expect(stateReason(hub.state, job)).toBe("curtailment");
      }
    }
  });
  expect([...paused]).toEqual(['is told to stop: curtailment "evening" pauses it']);
  expect(waiting.size).toBeGreaterThan(0);
  for (const text of waiting) {
    // The end of its pause is when it goes on, and no other moment is told beside it.
    expect(text).toMatch(pausedText);
  }
  // Where others end there is room for it, and yet it is paused until the steering says so.
  for (const { job } of hub.attempts.slice(0, 3)) {
    hub.finish(job);
  }
  expect(hub.state.curtailments.paused.size).toBeGreaterThan(0);
  for (const { job } of hub.state.curtailments.paused.values()) {
    // Nor is anybody of the queue in its way: others that wait before it would contradict that.
    expect(explained(hub, job)).toMatchObject({ reason: "power-curtailment", ahead: undefined });
    expect(told(hub, job)).toMatch(pausedText);
  }
});

test("who may come back and has room for a start only beside a promised one is told when", () => {
  const hub = new Hub();
  const explanation: Explanation = {
    ...explained(hub, hub.run()),
    state: "queued",
    reason: "behind-others",
    head: { job: 7, startAtMs: 300 },
    startOptions: [
      { capWatts: 0, speedPermille: 1000, startMs: 200, endsByMs: undefined, isEstimate: true },
    ],
  };
  const pausedUntil = {
    curtailment: "deep",
    atMs: 100,
    isReturning: true,
    isAlone: false,
    isAfterEnd: false,
  };
  const text = (one: Explanation): string => explanationSentence(one, { time: String });
  expect(text(explanation)).toContain("with it kept, a start is possible by about 200");
  const paused = text({ ...explanation, pausedUntil });
  expect(paused).toMatch(/^was paused for curtailment "deep" and is to come back; /);
  expect(paused).toContain("with it kept, it has room to come back by about 200");
});
