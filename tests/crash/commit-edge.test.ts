import { MemoryEventLog, MemoryLogStorage } from "@ertis/event-log";
import { forkStream, type RandomStream } from "@ertis/executor-simulated";
import { decodeEntry, isFinished, stateDigest, type SubmitItem } from "@ertis/scheduler-engine";
import { restore, type Scheduler } from "@ertis/scheduler-runtime";
import { defaultLimits } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";

import { createOracle, describeViolation } from "../oracle/index.ts";
import { dyingLog } from "../runtime/dying-log.ts";
import { advance, createWorld, item, startIn } from "../runtime/world.ts";

const lifeCount = 60;
const minuteMs = 60_000;

/** Request number → what is known of it: its job, or nothing yet. */
type Answers = Map<number, number | undefined>;

/** Submits, and notes what was answered; an answer that changes is a broken promise. */
async function submit(
  scheduler: Scheduler,
  numbers: readonly number[],
  answers: Answers,
): Promise<readonly string[]> {
  const items: readonly SubmitItem[] = numbers.map((number) => item(number));
  for (const number of numbers) {
    answers.set(number, answers.get(number));
  }
  const reply = await scheduler.request({ kind: "submit-jobs", owner: "aigerim", items });
  if (reply.kind !== "submitted") {
    return [];
  }
  return reply.results.flatMap((result, index) => {
    const number = numbers[index] ?? 0;
    const before = answers.get(number);
    if (result.kind !== "accepted") {
      return [`request ${number} was refused`];
    }
    answers.set(number, result.job);
    return before === undefined || before === result.job
      ? []
      : [`request ${number} was job ${before} and is job ${result.job}`];
  });
}

function pick(random: RandomStream, answers: Answers): readonly number[] {
  const known = [...answers.keys()];
  return Array.from(
    { length: Math.min(5, known.length) },
    () => known[random.below(known.length)] ?? 1,
  );
}

test(`a scheduler that dies at the edges of ${lifeCount} commits breaks no promise`, async () => {
  const random = forkStream(3, "commit-edge");
  const world = createWorld(3, {
    startDelayMs: { min: 0, max: 20_000 },
    nodeFailure: { numerator: 1, denominator: 4 },
    repairMs: { min: 5 * minuteMs, max: 30 * minuteMs },
  });
  const storage = new MemoryLogStorage();
  const answers: Answers = new Map();
  const broken: string[] = [];
  for (let life = 0; life < lifeCount; life += 1) {
    const { log, die } = dyingLog(new MemoryEventLog(storage));
    const scheduler = await startIn(world, log);
    broken.push(...(await submit(scheduler, pick(random, answers), answers)));
    await advance(world, random.below(20 * minuteMs));
    const fresh = Array.from({ length: 1 + random.below(6) }, (_, index) => life * 10 + index + 1);
    die(random.below(2) === 0 ? "before-commit" : "after-commit");
    // Half of the deaths fall on a submit, half on a report or on a timer.
    if (random.below(2) === 0) {
      broken.push(...(await submit(scheduler, fresh, answers)));
    }
    await advance(world, 60 * minuteMs);
    await log.close();
  }
  const log = new MemoryEventLog(storage);
  const scheduler = await startIn(world, log);
  broken.push(...(await submit(scheduler, [...new Set(answers.keys())], answers)));
  await advance(world, 24 * 60 * minuteMs);
  const jobs = await scheduler.read(({ state }) => [...state.jobs.after(0)]);

  expect(broken).toEqual([]);
  expect(jobs).toHaveLength(answers.size);
  expect(new Set(answers.values()).size).toBe(answers.size);
  expect(jobs.filter((job) => !isFinished(job))).toEqual([]);
  expect(world.cluster.violations()).toEqual([]);
  expect(world.cluster.startsPerAttemptMax).toBe(1);
  const live = await scheduler.read(({ state }) => stateDigest(state));
  expect(stateDigest((await restore(log, defaultLimits)).engine.state)).toBe(live);

  const oracle = createOracle();
  const found: string[] = [];
  for await (const row of log.read(0)) {
    found.push(...oracle.observe(decodeEntry(row.payload)).map(describeViolation));
  }
  expect([...found, ...oracle.finish().map(describeViolation)]).toEqual([]);
  await scheduler.close();
});
