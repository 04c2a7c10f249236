import { milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import { known } from "../../state/assert.ts";
import { explainJob } from "./explain.ts";
import { jobView } from "../jobs/job-view.ts";
import { explanationSentence } from "./sentence.ts";
import { cappedHub, Hub, hourMs } from "../../testing/test-hub.ts";

const bending = {
  nodeCount: 4,
  nodeCountMin: 2,
  workloadClass: "straight",
  walltime: milliseconds(hourMs),
} as const;

function text(hub: Hub, job: number): string {
  const explanation = known(explainJob(hub.state, job), "explanation");
  return explanationSentence(explanation, { time: String });
}

function running(hub: Hub, job: number): void {
  hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
}

test("fewer nodes count as well as caps: the speed is the one that the job itself shows", () => {
  const hub = new Hub(cappedHub());
  hub.run({ nodeCount: 6 });
  const job = hub.run(bending);
  running(hub, job);
  expect(text(hub, job)).toBe(
    "runs on 2 of its 4 nodes, at about 50 % of full speed; no more nodes had room when it started",
  );
  hub.setCap({ job, task: 0, attempt: 1 }, 300, hub.nowMs + 3 * hourMs);
  const view = jobView(hub.state, known(hub.state.jobs.get(job), "job"), "summary");
  expect(view.attempts[0]?.speedPermille).toBe(375);
  expect(text(hub, job)).toMatch(
    /^runs on 2 of its 4 nodes, with its GPUs capped to 300 W each, at about 38 % of full speed; no more nodes had room when it started; no budget and no curtailment is in the way: .* free, its caps rise as ramps, its quota and promised starts let them$/,
  );
});

test("where others have the watts, the domain that is full is named, and no budget above its limit", () => {
  const hub = new Hub(cappedHub(13));
  for (const hall of ["hall-1", "hall-2"]) {
    hub.budget(`above-${hall}`, `hub/sub-1/${hall}`, 20_000, [hub.nowMs]);
  }
  const walltime = milliseconds(hourMs);
  hub.run({ walltime });
  hub.run({ walltime });
  const job = hub.run({ workloadClass: "straight", flexibilityTier: 50, walltime });
  running(hub, job);
  expect(text(hub, job)).toMatch(
    /^runs with its GPUs capped to 2\d\d W each, at about 5\d % of full speed; no budget and no curtailment is in the way: sub-1\/hall-\d has \d+ W free, the rest is with others$/,
  );
});

test("of domains that are too full the one that keeps a gang's caps down is named, not a larger one that misses more watts", () => {
  const hub = new Hub(cappedHub(17).replace("limit: 50 kW", "limit: 8 kW"));
  const walltime = milliseconds(hourMs);
  const job = hub.run({ nodeCount: 8, workloadClass: "straight", flexibilityTier: 50, walltime });
  running(hub, job);
  expect(text(hub, job)).toMatch(
    /^runs with its GPUs capped to 250 W each, .*: sub-1\/hall-1\/row-1\/rack-1 has 0 W free, the rest is with others$/,
  );
});

test("a budget that has no room for the missing watts is named, one that has is not", () => {
  const hub = new Hub(cappedHub());
  hub.budget("wide", "hub", 250_000, [hub.nowMs]);
  hub.budget("tight", "hub/sub-1", 20_500, [hub.nowMs]);
  const job = hub.run({
    workloadClass: "straight",
    walltime: milliseconds(hourMs),
    capMin: watts(200),
  });
  running(hub, job);
  hub.setCap({ job, task: 0, attempt: 1 }, 200, hub.nowMs + 3 * hourMs);
  expect(text(hub, job)).toBe(
    'runs with its GPUs capped to 200 W each, at about 50 % of full speed; budget "tight" (sub-1 at 20.5 kW) leaves no more',
  );
});

test("where caps stay down for a budget to come, that is named with its beginning", () => {
  const hub = new Hub(cappedHub());
  const fromMs = hub.nowMs + hourMs / 2;
  hub.budget("tight", "hub/sub-1", 20_500, [fromMs]);
  const job = hub.run({
    workloadClass: "straight",
    walltime: milliseconds(2 * hourMs),
    capMin: watts(200),
    flexibilityTier: 50,
  });
  running(hub, job);
  hub.setCap({ job, task: 0, attempt: 1 }, 200, hub.nowMs + 3 * hourMs);
  expect(text(hub, job)).toBe(
    `runs with its GPUs capped to 200 W each, at about 50 % of full speed; budget "tight" (sub-1 at 20.5 kW from ${fromMs}) leaves no more`,
  );
});
