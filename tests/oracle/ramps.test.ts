import { instant, milliseconds, watts } from "@ertis/quantities";
import type { AttemptKey } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import { cappedSite, HandMade, keyOf, minuteMs, startMs } from "./hand-made.ts";

/** A node adds 400 W, half of it at the lowest cap; the feed may change by less than two of them a minute. */
const rampedSite = cappedSite.replace("feed:\n", "feed:\n  ramp: 450 W/min over 60 s\n");
const flexible = { flexibilityTier: 50, workloadClass: "straight" } as const;
const hourMs = 60 * minuteMs;

/** Other promises are left alone here: ends are set where a test wants them. */
class Ramped extends HandMade {
  override entry(...entry: Parameters<HandMade["entry"]>): readonly string[] {
    return super.entry(...entry).filter((property) => property === "ramp");
  }
}

/** Three gangs of a node at full power, started one after the other. */
function running(): HandMade {
  const log = new Ramped();
  log.register(rampedSite);
  log.submit(1, flexible, flexible, flexible);
  for (const job of [1, 2, 3]) {
    expect(log.start(keyOf(job), [job - 1], { endsByMs: startMs + hourMs })).toEqual([]);
    look(log, 3 * minuteMs);
  }
  return log;
}

/** Time passes with somebody looking. */
function look(log: HandMade, forMs: number): void {
  for (let passed = 0; passed < forMs; passed += 5_000) {
    log.atMs += 5_000;
    expect(log.entry(log.command("tick"))).toEqual([]);
  }
}

function order(log: HandMade, attempt: AttemptKey, capWatts: number): readonly string[] {
  // Half as fast for what is left.
  const endsBy = instant(log.atMs + 2 * (startMs + hourMs - log.atMs));
  return log.entry(log.command("place"), { kind: "cap-set", attempt, capWatts, endsBy });
}

function answer(log: HandMade, attempt: AttemptKey, capWatts: number): readonly string[] {
  return log.entry(
    {
      kind: "report",
      at: log.at,
      site: "hand",
      observations: [{ kind: "cap-applied", attempt, nodes: [], capWatts, order: 1 }],
    },
    { kind: "cap-acknowledged", attempt, nodes: [], capWatts },
  );
}

/** The three of them fall by 200 W each. */
function lowerAll(log: HandMade, answersAfterMs: number): readonly string[] {
  const broken: string[] = [];
  for (const job of [1, 2, 3]) {
    broken.push(...order(log, keyOf(job), 50));
  }
  log.atMs += answersAfterMs;
  for (const job of [1, 2, 3]) {
    broken.push(...answer(log, keyOf(job), 50));
  }
  return broken;
}

test("lowerings that are answered in time must not fall faster than the ramp", () => {
  expect(lowerAll(running(), 1_000)).toEqual(["ramp"]);
});

test("two of them in a minute and the third in the next are right", () => {
  const log = running();
  order(log, keyOf(1), 50);
  order(log, keyOf(2), 50);
  expect([...answer(log, keyOf(1), 50), ...answer(log, keyOf(2), 50)]).toEqual([]);
  look(log, 2 * minuteMs);
  order(log, keyOf(3), 50);
  expect(answer(log, keyOf(3), 50)).toEqual([]);
});

test("late answers were no plan, and in an emergency they may step", () => {
  expect(lowerAll(running(), 3_000)).toEqual([]);
  const log = running();
  log.entry(log.command("tick"), {
    kind: "curtailment-scheduled",
    curtailment: {
      id: "now",
      site: "hand",
      domain: "hand",
      mode: "emergency",
      target: watts(900),
      baseline: watts(0),
      start: log.at,
      end: instant(log.atMs + hourMs),
      ramp: milliseconds(0),
      reason: "grid",
      setBy: "olga",
      noticedAt: log.at,
    },
  });
  expect(lowerAll(log, 1_000)).toEqual([]);
});

test("an end by surprise may step, and what was ordered before it could not know", () => {
  const log = running();
  order(log, keyOf(1), 50);
  log.atMs += 500;
  expect(log.end(keyOf(2))).toEqual([]);
  expect(answer(log, keyOf(1), 50)).toEqual([]);
  // Who orders after it knows.
  order(log, keyOf(3), 50);
  expect(answer(log, keyOf(3), 50)).toEqual(["ramp"]);
});

/** Two gangs reach their walltime at one moment, and are stopped. */
function stopTwo(log: HandMade): readonly string[] {
  look(log, startMs + hourMs - log.atMs);
  return [1, 2].flatMap((job) => {
    const attempt = keyOf(job);
    log.entry(log.command("tick"), { kind: "stop-requested", attempt, reason: "walltime" });
    return log.end(attempt);
  });
}

test("an end that was known for long must be wound down", () => {
  expect(stopTwo(running())).toEqual(["ramp"]);
});

test("at its floor a gang can do no more, and nobody winds down what he does not look at", () => {
  const log = running();
  for (const job of [1, 2]) {
    log.entry(log.command("place"), {
      kind: "cap-set",
      attempt: keyOf(job),
      capWatts: 50,
      endsBy: instant(startMs + hourMs),
    });
    answer(log, keyOf(job), 50);
    look(log, 3 * minuteMs);
  }
  expect(stopTwo(log)).toEqual([]);
  const asleep = running();
  asleep.atMs = startMs + hourMs - 5_000;
  expect(stopTwo(asleep)).toEqual([]);
});
