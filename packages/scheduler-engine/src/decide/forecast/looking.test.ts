import { workCounted } from "@ertis/power-planning";
import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { previewCurtailment } from "../../read/curtailments/preview-curtailment.ts";
import { curtailment, minuteMs } from "../../testing/test-full-hub.ts";
import { cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import type { Infeasible } from "./forecast-refusal.ts";

/** Three may pause, in every combination of stretches, beside many that bend: each plan is tried in a thousand ways. */
function hubOfManyWays(): Hub {
  const text = cappedHub().replace("nodes: 2 ×", "nodes: 12 ×").replaceAll("50 kW", "300 kW");
  const hub = new Hub(text.replaceAll("limit: 100 kW", "limit: 600 kW"));
  const tiers: readonly FlexibilityTier[] = [50, 25, 10];
  for (let at = 0; at < 27; at += 1) {
    const checkpoint = { save: milliseconds(45_000), restore: milliseconds(minuteMs) };
    hub.submit({
      workloadClass: at % 2 === 0 ? "straight" : "fine-tune",
      flexibilityTier: tiers[at % 3] ?? 50,
      nodeCount: at < 3 ? 4 : 1,
      walltime: milliseconds(9 * hourMs),
      ...(at < 3 ? { checkpoint } : {}),
    });
  }
  hub.place();
  return hub;
}

interface Answered {
  readonly refused: Infeasible | undefined;
  readonly work: number;
}

function answerTo(hub: Hub, changes: Partial<Curtailment>): Answered {
  const span = { start: instant(hub.nowMs), end: instant(hub.nowMs + 20 * minuteMs) };
  const before = workCounted();
  const answer = previewCurtailment(hub.state, curtailment({ ...span, ...changes }));
  const refused = answer.kind === "rejected" ? answer.infeasible : undefined;
  return { refused, work: workCounted() - before };
}

test("a refusal is told after so much work, the same each time, with a target that is accepted and tiers that are enough", () => {
  const hub = hubOfManyWays();
  const giveUp: readonly FlexibilityTier[] = [50, 25];
  const target = watts(Math.round(hub.feedWatts() * 0.55));
  const { refused, work } = answerTo(hub, { target, giveUp });
  // All that could be asked takes three times as much.
  expect(work).toBeLessThan(1_500_000);
  expect(refused).toMatchObject({ isAnyPossible: true, isRough: true });
  const { smallest = watts(0), enough = [] } = refused ?? {};
  expect(answerTo(hub, { target: smallest, giveUp }).refused).toBeUndefined();
  expect(answerTo(hub, { target, giveUp: enough }).refused).toBeUndefined();
  expect(answerTo(hub, { target, giveUp })).toEqual({ refused, work });
});
