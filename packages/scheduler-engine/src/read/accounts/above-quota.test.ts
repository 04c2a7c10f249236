import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { defaultLimits } from "../../limits.ts";
import type { Account, Quota } from "../../words/account.ts";
import type { JobSpec } from "../../words/job-spec.ts";
import { explanationSentence } from "../explain/sentence.ts";
import { accountsOver } from "./accounts-over.ts";
import { planJob } from "../explain/plan.ts";
import { cappedHub, explained, Hub, hourMs, spec } from "../../testing/test-hub.ts";

const format = { time: (epochMs: number) => `${epochMs}` };

/** What an account may hold in all: nothing of it is its own. */
function most(gpuCount: number, wattsMost: number): Quota {
  return {
    guaranteedGpuCount: 0,
    guaranteed: watts(0),
    borrowableGpuCount: gpuCount,
    borrowable: watts(wattsMost),
  };
}

function accountsWith(quota: Quota): readonly Account[] {
  return [
    { id: "north", weight: 1 },
    { id: "north/p1", weight: 1, quota },
  ];
}

function set(hub: Hub, accounts: readonly Account[]): void {
  const at = instant(hub.nowMs);
  const { reply } = hub.engine.execute({ kind: "set-accounts", at, by: "olga", accounts });
  expect(reply.kind).toBe("done");
}

function planned(hub: Hub, changes: Partial<JobSpec>): string {
  const plan = planJob(hub.state, defaultLimits, spec(changes), "aida");
  expect(plan.kind).toBe("waits");
  if (plan.kind !== "waits") {
    return plan.kind;
  }
  expect(plan.explanation.reason).toBe("above-quota");
  return explanationSentence(plan.explanation, format);
}

test("a job above its quota can never start, and is told what to ask for", () => {
  const hub = new Hub(cappedHub());
  set(hub, accountsWith(most(16, 20_000)));
  const sentence = planned(hub, { nodeCount: 3 });
  expect(sentence).toBe(
    "can never start: account north/p1 may never hold more than 16 GPUs, and this needs 24: " +
      "ask for at most 2 nodes of 8 GPUs, or have the quota raised",
  );
  const job = hub.run({ nodeCount: 3 });
  expect(explained(hub, job).reason).toBe("above-quota");
  // What it was told to ask for does start.
  expect(planJob(hub.state, defaultLimits, spec({ nodeCount: 2 }), "aida").kind).toBe("start-now");
});

test("where watts are too many, a cap that a higher tier allows is a way, too", () => {
  const hub = new Hub(cappedHub());
  // A node adds 3.2 kW at full power, 1.6 kW at the lowest cap.
  set(hub, accountsWith(most(64, 5_000)));
  const changes = { nodeCount: 2, workloadClass: "straight" };
  expect(planned(hub, changes)).toMatch(
    /this needs 6\.40 kW: ask for at most 1 node of 8 GPUs, let it be capped with tier 25, or have/,
  );
  const bent = spec({ ...changes, flexibilityTier: 25 });
  expect(planJob(hub.state, defaultLimits, bent, "aida").kind).toBe("start-now");
});

test("an account that holds all it may is waited for, not given up", () => {
  const hub = new Hub(cappedHub());
  set(hub, accountsWith(most(16, 20_000)));
  hub.run({ nodeCount: 2 });
  const job = hub.run();
  expect(explained(hub, job).reason).toBe("quota");
});

test("accounts that a new quota would strand are named with what waits, before it is set", () => {
  const hub = new Hub(cappedHub());
  hub.run({ nodeCount: 4 });
  hub.run({ nodeCount: 2, project: "p2", walltime: milliseconds(2 * hourMs) });
  for (const nodeCount of [3, 3, 6]) {
    hub.run({ nodeCount });
  }
  const before = hub.ledger();
  const wished = accountsWith(most(24, 20_000));
  const over = accountsOver(hub.state, wished);
  expect(hub.ledger()).toBe(before);
  expect(hub.state.shares.declared).toEqual([]);
  expect(over).toEqual([
    {
      id: "north/p1",
      gpuHeldCount: 32,
      gpuCountMax: 24,
      reservedWatts: 12_800,
      wattsMax: 20_000,
      waitingCount: 3,
      neverCount: 1,
    },
  ]);
  set(hub, wished);
  expect(accountsOver(hub.state, wished)).toEqual(over);
  // Enough for all of them: nobody is stranded.
  expect(accountsOver(hub.state, accountsWith(most(64, 60_000)))).toEqual([]);
});
