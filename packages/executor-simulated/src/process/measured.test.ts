import { watts } from "@ertis/quantities";
import type { Executor, MeasuredDraw } from "@ertis/scheduler-runtime";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ClusterSite } from "../cluster/cluster-site.ts";
import { change, keyOf, testSite, wish } from "../test-site.ts";
import { longRun, TestCluster } from "./test-cluster-process.ts";

const cluster = new TestCluster();
beforeEach(() => cluster.open());
afterEach(async () => cluster.close());

const metered: ClusterSite = {
  ...testSite,
  nodes: testSite.nodes.map((node) => ({ ...node, domainIndex: 0 })),
  domains: [
    {
      kind: "feed",
      parentIndex: -1,
      fixedWatts: watts(1_000),
      loadFactor: { numerator: 1, denominator: 1 },
    },
  ],
};
const idleWatts = 1_000 + 4 * 2_301 + 2 * 801;
const steady = { drawPermille: { min: 1_000, max: 1_000 }, noisePermille: 0 };

/** What an executor hears of the meters, as it hears it. */
function follow(measureEveryMs: number): {
  readonly executor: Executor;
  readonly drawn: MeasuredDraw[];
} {
  const executor = cluster.executor({ site: metered, measureEveryMs });
  const drawn: MeasuredDraw[] = [];
  executor.start(
    async () => Promise.resolve(),
    (draw) => drawn.push(draw),
  );
  return { executor, drawn };
}

test("a process says again and again what is drawn, idle and in use", async () => {
  await cluster.start(metered, steady);
  const { executor, drawn } = follow(20);
  const revision = testSite.revision;
  await vi.waitFor(() =>
    expect(drawn).toContainEqual(
      expect.objectContaining({
        revision,
        domains: [{ domain: 0, watts: idleWatts }],
        attempts: [],
      }),
    ),
  );
  const run = wish({ job: 1, startedAtMs: Date.now(), environment: longRun });
  executor.realize(change(1, [run], { isComplete: true }));
  // Node 0 at its peak, all of it for the one attempt.
  await vi.waitFor(() =>
    expect(drawn).toContainEqual(
      expect.objectContaining({
        revision,
        domains: [{ domain: 0, watts: idleWatts + 7_370 - 2_301 }],
        attempts: [{ attempt: keyOf({ job: 1 }), watts: 7_370 }],
      }),
    ),
  );
});

test("who does not ask for measurements gets none", async () => {
  await cluster.start(metered, steady);
  const { executor, drawn } = follow(0);
  const heard = cluster.listen(0, metered);
  // The second executor has taken over, so all that was for the first has been said.
  heard.executor.realize(
    change(1, [wish({ job: 1, startedAtMs: Date.now(), environment: longRun })], {
      isComplete: true,
    }),
  );
  await heard.heard(1, ["attempt-running"]);
  await executor.close();
  expect(drawn).toEqual([]);
});
