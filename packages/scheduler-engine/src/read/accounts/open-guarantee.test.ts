import { instant, milliseconds, watts } from "@ertis/quantities";
import { expect, test } from "vitest";
import type { JobSpec } from "../../words/job-spec.ts";
import { explainJob } from "../explain/explain.ts";
import { explanationSentence } from "../explain/sentence.ts";
import { Hub, hourMs } from "../../testing/test-hub.ts";

const soft = {
  preemptible: true,
  checkpoint: { save: milliseconds(30_000), restore: milliseconds(60_000) },
};

const accounts = [
  { id: "north", weight: 1, quota: { guaranteedGpuCount: 16, guaranteed: watts(32_000) } },
  { id: "north/p1", weight: 1 },
  { id: "south", weight: 1, quota: { guaranteedGpuCount: 16, guaranteed: watts(32_000) } },
  { id: "south/p2", weight: 1 },
];

interface Beside {
  readonly nodeCount?: number;
  /** Since they began. */
  readonly workedMs?: number;
  readonly asked?: Partial<JobSpec>;
}

/** What a job of south is told when north holds all eight nodes of the hub. */
function toldBeside(
  borrowing: Partial<JobSpec>,
  { nodeCount = 2, workedMs = hourMs / 4, asked = {} }: Beside = {},
): string {
  const hub = new Hub();
  hub.engine.execute({ kind: "set-accounts", at: instant(hub.nowMs), by: "olga", accounts });
  for (let node = 0; node < 8; node += 1) {
    const job = hub.run({ project: "p1", ...borrowing });
    hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  }
  hub.wait(workedMs);
  return told(hub, hub.submit({ project: "p2", nodeCount, ...asked }));
}

function told(hub: Hub, job: number): string {
  const explanation = explainJob(hub.state, job);
  return explanation === undefined
    ? ""
    : explanationSentence(explanation, { time: (atMs) => `+${atMs - hub.nowMs}` });
}

const open = "account south holds 0 of the 16 GPUs that it is guaranteed";
const borrowed = `${open}, and north has borrowed 48 GPUs`;
const held = "; of the 64 GPUs that others hold where it could run ";

test("who waits within a guarantee is told with whom it is out, and whether it may be had back", () => {
  expect(toldBeside({})).toContain(`${borrowed}${held}64 are of protected jobs`);
  expect(toldBeside(soft)).toContain(
    `${borrowed}${held}48 may be had back by stopping jobs and 16 are within guarantees of their own`,
  );
  expect(toldBeside({ ...soft, priorityClass: "high" })).toContain(
    `${held}64 are of jobs of a higher class`,
  );
  expect(toldBeside(soft, { workedMs: 60_000 })).toMatch(
    /48 may be had back once their jobs have worked long enough, from \+\d+ on and 16 are within/,
  );
});

test("what is being had back is told as that, and who asks for more than is left, that nobody stops for it", () => {
  const hub = new Hub();
  hub.engine.execute({ kind: "set-accounts", at: instant(hub.nowMs), by: "olga", accounts });
  for (let node = 0; node < 8; node += 1) {
    const job = hub.run({ project: "p1", ...soft });
    hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  }
  hub.wait(hourMs / 4);
  const job = hub.run({ project: "p2", nodeCount: 2 });
  expect(told(hub, job)).toContain("16 are being had back already");
  expect(toldBeside({}, { nodeCount: 3 })).toContain(
    `${borrowed}; this asks for more than is left of that, so nobody is stopped for it`,
  );
});

test("where nobody has borrowed, what is within the guarantees of others is no way to get it back", () => {
  const hub = new Hub();
  const all = accounts.map((one) => {
    const [gpuCount, guaranteedWatts] = one.id === "north" ? [48, 48_000] : [16, 16_000];
    const quota = { guaranteedGpuCount: gpuCount, guaranteed: watts(guaranteedWatts) };
    return { ...one, ...(one.quota && { quota }) };
  });
  hub.engine.execute({ kind: "set-accounts", at: instant(hub.nowMs), by: "olga", accounts: all });
  // Two nodes are out of service.
  hub.cordon(6, 7);
  for (let node = 0; node < 6; node += 1) {
    const job = hub.run({ project: "p1", ...soft });
    hub.report({ kind: "attempt-running", attempt: { job, task: 0, attempt: 1 } });
  }
  hub.wait(hourMs / 4);
  expect(told(hub, hub.submit({ project: "p2", nodeCount: 1 }))).toContain(
    `${open}; of the 48 GPUs that others hold where it could run 48 are within guarantees of their own`,
  );
});
