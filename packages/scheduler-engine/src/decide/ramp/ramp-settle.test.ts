import type { RampStep } from "@ertis/power-planning";
import { milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { acknowledgeMs, startSettleMs } from "../../limits.ts";
import { attemptsOf, hourMs } from "../../testing/test-hub.ts";
import { known } from "../../state/assert.ts";
import type { AttemptKey } from "../../words/attempt.ts";
import { RampedHub } from "../../testing/test-ramped-hub.ts";

const flexible = {
  flexibilityTier: 50,
  workloadClass: "straight",
  walltime: milliseconds(5 * hourMs),
} as const;

function ledgerOf(hub: RampedHub): readonly RampStep[] {
  return known(hub.state.ramps.get("hub")?.budget.ledgers[0], "ledger").steps;
}

/** By then a step is surely drawn. */
function doneAtMs({ atMs, settleMs }: RampStep): number {
  return atMs + settleMs;
}

function keyOf(hub: RampedHub): AttemptKey {
  const { job, task, attempt } = known(attemptsOf(hub)[0], "attempt");
  return { job, task, attempt };
}

test("a raise of a gang whose program does not run yet shows when it does", () => {
  const hub = new RampedHub();
  hub.submit(flexible);
  hub.pass(20);
  const { startedAtMs, phase } = known(attemptsOf(hub)[0], "attempt");
  expect(phase).toBe("starting");
  const raises = ledgerOf(hub).filter(({ watts }) => watts > 0);
  expect(Math.min(...raises.map(doneAtMs))).toBeGreaterThanOrEqual(startedAtMs + startSettleMs);

  hub.report({ kind: "attempt-running", attempt: keyOf(hub) });
  const runsAtMs = hub.nowMs;
  hub.pass(100);
  const later = ledgerOf(hub).filter(({ atMs }) => atMs > runsAtMs);
  expect(later.length).toBeGreaterThan(0);
  expect(later.every(({ settleMs }) => settleMs <= acknowledgeMs + 1000)).toBe(true);
});

test("what an end took away counts from where its program ended, not from its confirmation", () => {
  const hub = new RampedHub();
  hub.submit(flexible);
  hub.pass(600);
  const key = keyOf(hub);
  hub.report({ kind: "attempt-running", attempt: key });
  const exitedAtMs = hub.nowMs;
  hub.report({ kind: "attempt-exited", attempt: key, outcome: { kind: "succeeded" } });
  hub.wait(12_000);
  hub.report({ kind: "stop-confirmed", attempt: key, nodes: [] });
  const fall = known(
    ledgerOf(hub).findLast(({ watts }) => watts < 0),
    "fall",
  );
  expect(fall).toMatchObject({ atMs: exitedAtMs, settleMs: 12_000, cause: "unplanned" });
});
