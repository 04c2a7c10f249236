import { instant, milliseconds, watts } from "@ertis/quantities";
import type { Observation } from "@ertis/scheduler-engine";
import { describe, expect, test } from "vitest";
import { cappedSite, HandMade, keyOf, minuteMs, startMs } from "./hand-made.ts";

const first = keyOf(1);
const endMs = startMs + 10 * minuteMs;

/** Job 1 runs on nodes 0 and 1 at 400 W each above idle; it tolerates half of its speed. */
function running(): HandMade {
  const log = new HandMade();
  log.register(cappedSite);
  log.submit(1, { nodeCount: 2, flexibilityTier: 50, capMin: watts(60) }, {}, {});
  expect(log.start(first, [0, 1])).toEqual([]);
  return log;
}

/** The nodes hold 80 W from now on, at four fifths of the speed. */
function lower(
  log: HandMade,
  capWatts = 80,
  endsByMs: number = startMs + 12.5 * minuteMs,
): readonly string[] {
  return log.entry(log.command("place"), {
    kind: "cap-set",
    attempt: first,
    capWatts,
    endsBy: instant(endsByMs),
  });
}

function answer(
  log: HandMade,
  observation: Partial<Extract<Observation, { readonly kind: "cap-applied" }>>,
  nodes: readonly number[] = [],
): readonly string[] {
  const said = { kind: "cap-applied", attempt: first, nodes: [], capWatts: 80, order: 1 } as const;
  return log.entry(
    {
      kind: "report",
      at: log.at,
      site: "hand",
      observations: [{ ...said, ...observation }],
    },
    { kind: "cap-acknowledged", attempt: first, nodes, capWatts: observation.capWatts ?? 80 },
  );
}

test("an order and its answer, then more room", () => {
  const log = running();
  // 2 × 500 W and 2 × 100 W idle of 1600 W: the third node fits, the fourth would not.
  expect(log.start(keyOf(2), [2])).toEqual([]);
  expect(lower(log)).toEqual([]);
  expect(answer(log, {})).toEqual([]);
  expect(log.finish()).toEqual([]);
});

test("watts of a lowering that nobody acknowledged are in force", () => {
  const log = running();
  log.start(keyOf(2), [2]);
  lower(log, 60, startMs + Math.ceil((10 * minuteMs) / 0.6));
  answer(log, { capWatts: 60, nodes: [0] }, [0]);
  // One node freed 160 W; the other four GPUs of 400 W do not fit.
  expect(log.start(keyOf(3), [3])).toContain("limit");
});

test("a raise is in force at once", () => {
  const log = running();
  lower(log, 60, startMs + Math.ceil((10 * minuteMs) / 0.6));
  answer(log, { capWatts: 60 });
  log.start(keyOf(2), [2]);
  // 1380 W: with the fourth node capped to the same 1540 W, and back at full power 1860 W.
  log.submit(4, { flexibilityTier: 50 });
  const start = { capWatts: 60, powerReserved: watts(240), work: milliseconds(10 * minuteMs) };
  const endsByMs = startMs + Math.ceil((10 * minuteMs) / 0.6);
  expect(log.start(keyOf(4), [3], { ...start, endsByMs })).not.toContain("limit");
  expect(lower(log, 0, endMs)).toContain("limit");
});

describe("caps", () => {
  const cases: readonly [string, (log: HandMade) => readonly string[]][] = [
    ["below what its owner allows", (log) => lower(log, 55, startMs + 20 * minuteMs)],
    ["below what the hardware takes", (log) => lower(log, 40, startMs + 20 * minuteMs)],
    ["slower than its tier tolerates", (log) => lower(log, 60, startMs + 21 * minuteMs)],
    ["faster than full speed", (log) => lower(log, 60, startMs + 9 * minuteMs)],
    ["an answer to another order", (log) => [...lower(log), ...answer(log, { order: 0 })]],
    ["an answer with another cap", (log) => [...lower(log), ...answer(log, { capWatts: 79 })]],
    [
      "an answer of one node for both",
      (log) => [...lower(log), ...answer(log, { nodes: [1] }, [0, 1])],
    ],
    [
      "an answer of a lost node",
      (log) => {
        lower(log);
        log.entry(log.command("tick"), { kind: "node-lost", site: "hand", node: 1 });
        return answer(log, {}, [1]);
      },
    ],
  ];
  test.each(cases)("%s", (_name, wrong) => {
    expect(wrong(running())).toContain("caps");
  });

  test("a job that tolerates nothing is not slowed down", () => {
    const log = running();
    const work = milliseconds(10 * minuteMs);
    const parts = { capWatts: 80, powerReserved: watts(320), work };
    expect(log.start(keyOf(2), [2], { ...parts, endsByMs: startMs + 12.5 * minuteMs })).toEqual([
      "caps",
    ]);
  });
});

test("work: a checkpoint keeps what was done, and the next attempt is granted the rest", () => {
  const checkpoint = { save: milliseconds(1_000), restore: milliseconds(minuteMs) };
  const log = new HandMade();
  log.submit(1, { checkpoint }, { checkpoint });
  for (const job of [1, 2]) {
    log.start(keyOf(job), [job]);
  }
  log.atMs += 4 * minuteMs;
  for (const attempt of [keyOf(1), keyOf(2)]) {
    log.entry(log.command("tick"), { kind: "stop-requested", attempt, reason: "preemption" });
    log.entry(log.command("tick"), { kind: "attempt-checkpointed", attempt });
    log.entry(
      {
        kind: "report",
        at: log.at,
        site: "hand",
        observations: [
          {
            kind: "attempt-exited",
            attempt,
            outcome: { kind: "failed", category: "application", exitCode: 143 },
          },
          { kind: "stop-confirmed", attempt, nodes: [] },
        ],
      },
      {
        kind: "attempt-exited",
        attempt,
        outcome: { kind: "failed", category: "preemption", exitCode: 143 },
        next: "retry-free",
      },
      { kind: "placement-released", attempt, nodes: [] },
    );
  }
  const rest = { endsByMs: log.atMs + 7 * minuteMs };
  expect(log.start(keyOf(1, 0, 2), [1], rest)).toEqual([]);
  const all = { endsByMs: log.atMs + 10 * minuteMs };
  expect(log.start(keyOf(2, 0, 2), [2], all)).toEqual(["life-cycle"]);
});

test("who is lowered and raised at one moment would be so for ever", () => {
  const log = running();
  lower(log);
  expect(lower(log, 90, startMs + Math.ceil((10 * minuteMs) / 0.9))).toEqual(["caps"]);
  log.atMs += 1;
  expect(lower(log, 95, startMs + Math.ceil((10 * minuteMs) / 0.95))).toEqual([]);
});
