import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { victimWorkMinMs } from "../../limits.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts } from "../../state/job.ts";
import { attemptsOf, explained, Hub, hourMs } from "../../testing/test-hub.ts";
import { explanationSentence } from "./sentence.ts";

const soft = {
  preemptible: true,
  priorityClass: "low",
  checkpoint: { save: milliseconds(30_000), restore: milliseconds(60_000) },
  walltime: milliseconds(20 * hourMs),
} as const;

/** Eight nodes are taken by jobs that may be stopped once they have worked long enough, the first two from earlier on. */
function fullHub(): Hub {
  const hub = new Hub();
  const run = (): void => {
    const job = hub.run(soft);
    hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  };
  run();
  run();
  hub.wait(60_000);
  for (let count = 2; count < 8; count += 1) {
    run();
  }
  return hub;
}

test("who may stop others before its promised start is told from when on, and whom, and then does", () => {
  const hub = fullHub();
  const workedAtMs = Math.max(...attemptsOf(hub).map(({ workAtMs }) => workAtMs)) + victimWorkMinMs;
  const urgent = hub.run({ nodeCount: 3, priorityClass: "urgent" });
  const explanation = explained(hub, urgent);
  const told = known(explanation.mayPreempt, "what it may stop");
  expect(told.fromMs).toBe(workedAtMs);
  expect(told.startAtMs).toBeLessThan(known(explanation.reservedStartMs, "promised start"));
  expect(told.victims).toHaveLength(3);
  expect(explanationSentence(explanation, { time: String })).toContain(
    `from ${workedAtMs} it may stop jobs ${told.victims[0]}, ${told.victims[1]} and ${told.victims[2]}, for a start by ${told.startAtMs}`,
  );
  hub.wait(told.fromMs - hub.nowMs);
  hub.place();
  const stopping = [...hub.state.jobs.after(0)].filter((job) =>
    [...activeAttempts(job)].some(({ phase }) => phase === "stopping"),
  );
  expect(stopping.map(({ number }) => number)).toEqual(told.victims);
  expect(explanationSentence(explained(hub, told.victims[0] ?? 0), { time: String })).toBe(
    `is told to stop: job ${urgent} goes before it and needs its room`,
  );
});

test("two victims are old enough sooner than three", () => {
  const [two = 0, three = 0] = [2, 3].map((nodeCount) => {
    const hub = fullHub();
    const urgent = hub.run({ nodeCount, priorityClass: "urgent" });
    return explained(hub, urgent).mayPreempt?.fromMs ?? 0;
  });
  expect(three - two).toBe(60_000);
});

test("who stands above nobody is told of no victims", () => {
  const hub = fullHub();
  expect(
    explained(hub, hub.run({ nodeCount: 3, priorityClass: "low" })).mayPreempt,
  ).toBeUndefined();
});
