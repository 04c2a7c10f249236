import { expect, test } from "vitest";
import {
  announce,
  longWalltime,
  malleable,
  oneNodeLess,
  saved,
} from "../../testing/test-malleable-gang.ts";
import { known } from "../../state/assert.ts";
import { activeAttempts, type Attempt } from "../../state/job.ts";
import { cappedHub, explained, Hub } from "../../testing/test-hub.ts";
import { explanationSentence } from "./sentence.ts";

const minuteMs = 60_000;

function told(hub: Hub, job: number): string {
  return explanationSentence(explained(hub, job), { time: String });
}

function attemptOf(hub: Hub, job: number): Attempt {
  return known(activeAttempts(known(hub.state.jobs.get(job), "job"))[0], "attempt");
}

function confirmed(hub: Hub, { job, task, attempt }: Attempt): void {
  hub.report({ kind: "stop-confirmed", attempt: { job, task, attempt }, nodes: [] });
  hub.place();
}

/** A gang of four nodes from which an emergency of an hour takes one, beside one that stays as it is. */
function shrinkingHub(): { readonly hub: Hub; readonly gang: number } {
  const hub = new Hub(cappedHub());
  hub.run({ nodeCount: 4, walltime: longWalltime });
  const gang = hub.run(malleable);
  announce(hub, oneNodeLess(hub.nowMs));
  return { hub, gang };
}

test("a gang that has stopped to go on with fewer nodes asks for just as many, on the nodes that are kept for it", () => {
  const { hub, gang } = shrinkingHub();
  hub.budget("b1", "hub", 30_000, [hub.nowMs]);
  const before = attemptOf(hub, gang);
  saved(hub, before);
  confirmed(hub, before);
  const answer = explained(hub, gang);
  expect(answer).toMatchObject({ reason: "power-budget", neededNodeCount: 3 });
  expect(answer.place).toMatchObject({ availableNodeCount: 4 });
  expect(answer.place?.power?.neededWatts).toBe(9_600);
});

test("who stops to have nodes again is told so, until the last of its nodes is free", () => {
  const { hub, gang } = shrinkingHub();
  const before = attemptOf(hub, gang);
  saved(hub, before);
  confirmed(hub, before);
  const { job, task, attempt } = attemptOf(hub, gang);
  hub.report({ kind: "attempt-running", attempt: { job, task, attempt } });
  for (let minute = 0; minute < 65; minute += 1) {
    hub.wait(minuteMs);
    hub.place();
  }
  const text =
    "is told to stop: it gets nodes back that an emergency took, and goes on with 4 instead of 3";
  expect(told(hub, gang)).toBe(text);
  saved(hub, attemptOf(hub, gang));
  expect(told(hub, gang)).toBe(text);
});
