import { instant, milliseconds } from "@ertis/quantities";
import { expect, test } from "vitest";
import { explained, Hub, hourMs, spec, startMs } from "../../testing/test-hub.ts";
import { deadlineLeadMs } from "../../limits.ts";
import { planJob } from "./plan.ts";
import { explanationSentence } from "./sentence.ts";

const time = (atMs: number): string => `+${(atMs - startMs) / 1_000} s`;

test("a plan whose deadline is near in a moment says when that puts it forward, and a submit then has nobody ahead", () => {
  const hub = new Hub();
  hub.run({ nodeCount: 8 });
  hub.run({ nodeCount: 8 });
  const walltimeMs = hourMs / 6;
  const changes = {
    nodeCount: 8,
    walltime: milliseconds(walltimeMs),
    deadline: instant(startMs + walltimeMs + deadlineLeadMs + 5_000),
  };
  const planned = planJob(hub.state, hub.engine.limits, spec(changes), "aida");
  const text =
    planned.kind === "waits" ? explanationSentence(planned.explanation, { time }) : planned.kind;
  expect(text).toContain(
    "; 1 job is ahead (job 2 is older); from +5 s its deadline is near and puts it forward in its class",
  );
  hub.wait(5_000);
  const job = hub.submit(changes);
  hub.wait(0);
  expect(explained(hub, job).ahead).toEqual({
    count: 0,
    isLowerBound: false,
    last: undefined,
    pressesFromMs: undefined,
  });
});

test("a higher class is not passed by a deadline, and nothing is said of it", () => {
  const hub = new Hub();
  hub.run({ nodeCount: 8 });
  hub.run({ nodeCount: 8, priorityClass: "high" });
  const job = hub.run({ nodeCount: 8, deadline: instant(startMs + 9 * hourMs) });
  expect(explained(hub, job).ahead).toMatchObject({ count: 1, pressesFromMs: undefined });
});
