import { instant } from "@ertis/quantities";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ClusterSite } from "../cluster/cluster-site.ts";
import { change, testSite, wish } from "../test-site.ts";
import { readClusterStatus } from "./cluster-status.ts";
import { longRun, TestCluster } from "./test-cluster-process.ts";

const cluster = new TestCluster();
beforeEach(() => cluster.open());
afterEach(async () => cluster.close());

describe("an edited site", () => {
  const racksInFront = [0, 1].map((node) => ({ id: `test-site/front-${node}`, classIndex: 0 }));
  const edited: ClusterSite = {
    ...testSite,
    revision: "1".repeat(64),
    nodes: [...racksInFront, ...testSite.nodes],
  };

  test("is taken over by the process that runs: attempts go on, new nodes come up", async () => {
    const { pid } = await cluster.start();
    const startedAtMs = Date.now();
    const before = cluster.listen();
    const runs = [1, 2].map((job) =>
      wish({ job, nodes: [job - 1], startedAtMs, environment: longRun }),
    );
    before.executor.realize(change(1, runs, { isComplete: true }));
    await before.heard(1, ["attempt-running"]);
    await before.heard(2, ["attempt-running"]);
    await before.executor.close();

    expect(await cluster.start(edited)).toMatchObject({ kind: "found", pid });
    const after = cluster.listen(0, edited);
    const moved = [1, 2].map((job) =>
      wish({ job, nodes: [job + 1], startedAtMs, environment: longRun }),
    );
    const onNew = wish({ job: 3, nodes: [0, 1], gpuMasks: [0xff, 0xff], environment: longRun });
    const powerOn = [...edited.nodes.keys()];
    after.executor.realize(
      change(2, [...moved, { ...onNew, startedAt: instant(Date.now()) }], {
        isComplete: true,
        powerOn,
      }),
    );
    await after.heard(3, ["attempt-running"]);
    expect(await readClusterStatus(cluster.socketPath)).toMatchObject({
      pid,
      revision: edited.revision,
      liveAttemptCount: 3,
      startCount: 3,
      startsPerAttemptMax: 1,
      violations: [],
    });
  });

  test("is refused with the reason while a node that goes holds something", async () => {
    await cluster.start();
    const before = cluster.listen();
    const run = wish({ job: 1, startedAtMs: Date.now(), environment: longRun });
    before.executor.realize(change(1, [run], { isComplete: true }));
    await before.heard(1, ["attempt-running"]);
    await before.executor.close();
    const warned = Promise.withResolvers<unknown>();
    const executor = cluster.executor({
      site: { ...edited, nodes: racksInFront },
      reporter: { info: () => {}, warn: (_, facts) => warned.resolve(facts["error"]) },
    });
    executor.realize(change(2, [], { isComplete: true, powerOn: [0, 1] }));
    executor.start(async () => Promise.resolve());
    expect(await warned.promise).toMatch(/test-site\/node-0 would be gone, and attempt 1_0\.1/);
    expect(await readClusterStatus(cluster.socketPath)).toMatchObject({
      revision: testSite.revision,
      liveAttemptCount: 1,
    });
  });

  test("is not taken from an executor that is behind", async () => {
    await cluster.start();
    const newest = cluster.listen();
    const run = wish({ job: 1, startedAtMs: Date.now(), environment: longRun });
    newest.executor.realize(change(7, [run], { isComplete: true }));
    await newest.heard(1, ["attempt-running"]);
    const warned = Promise.withResolvers<unknown>();
    const behind = cluster.executor({
      site: edited,
      reporter: { info: () => {}, warn: (_, facts) => warned.resolve(facts["error"]) },
    });
    behind.realize(change(6, [], { isComplete: true }));
    behind.start(async () => Promise.resolve());
    expect(await warned.promise).toMatch(/generation 6 is older than generation 7/);
    expect(await readClusterStatus(cluster.socketPath)).toMatchObject({
      revision: testSite.revision,
    });
  });
});
