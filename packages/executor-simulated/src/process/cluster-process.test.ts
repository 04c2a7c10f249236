import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Observation } from "@ertis/scheduler-engine";
import type { Executor } from "@ertis/scheduler-runtime";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { change, keyOf, wish } from "../test-site.ts";
import { readClusterStatus } from "./cluster-status.ts";
import { endClusterProcess } from "./spawn-cluster-process.ts";
import { longRun, shortRun, TestCluster } from "./test-cluster-process.ts";

const cluster = new TestCluster();
beforeEach(() => cluster.open());
afterEach(async () => cluster.close());

describe("a cluster that does not answer", () => {
  /** What an executor says, as it says it. */
  function follow(): { readonly executor: Executor; readonly heard: Observation["kind"][] } {
    const heard: Observation["kind"][] = [];
    const executor = cluster.executor({ awayAfterMs: 20 });
    executor.start(async (observations) => {
      heard.push(...observations.map(({ kind }) => kind));
      return Promise.resolve();
    });
    return { executor, heard };
  }

  test("is reported away once, and back when it has taken the whole wish", async () => {
    const { executor, heard } = follow();
    executor.realize(
      change(3, [wish({ job: 1, startedAtMs: Date.now(), environment: longRun })], {
        isComplete: true,
      }),
    );
    await vi.waitFor(() => expect(heard).toEqual(["cluster-away"]));
    await cluster.start();
    // Taken as begun before this life of the cluster, so as lost: the wish has arrived.
    const wanted = ["cluster-away", "cluster-back", "attempt-exited", "stop-confirmed"];
    await vi.waitFor(() => expect(heard).toEqual(wanted), { timeout: 10_000 });
    expect(await readClusterStatus(cluster.socketPath)).toMatchObject({ generation: 3 });
    await endClusterProcess(cluster.socketPath);
    await vi.waitFor(() => expect(heard).toEqual([...wanted, "cluster-away"]));
  }, 20_000);

  test("is not reported away when it answers, but back: an earlier scheduler may have missed it", async () => {
    await cluster.start();
    const { heard } = follow();
    await vi.waitFor(() => expect(heard).toEqual(["cluster-back"]));
  }, 20_000);
});

describe("a cluster process", () => {
  test("survives the SIGKILL of its server; nothing is lost and nothing started twice", async () => {
    const running = await cluster.start();
    const startedAtMs = Date.now();
    const server = spawn(
      process.execPath,
      [join(import.meta.dirname, "test-server.ts"), cluster.socketPath, String(startedAtMs)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    for await (const line of createInterface({ input: server.stdout })) {
      if (line === "attempt-running") {
        break;
      }
    }
    const gone = once(server, "exit");
    server.kill("SIGKILL");
    await gone;

    const next = cluster.listen();
    next.executor.realize(
      change(
        2,
        [
          wish({ job: 1, startedAtMs, environment: longRun }),
          wish({ job: 2, nodes: [1], startedAtMs, environment: { ERTIS_SIM_RUNTIME_MS: "1" } }),
        ],
        { isComplete: true },
      ),
    );
    await next.heard(1, ["attempt-running"]);
    const ended = await next.heard(2, ["attempt-running", "attempt-exited", "stop-confirmed"]);
    expect(ended.map((each) => each.kind).slice(0, 3)).toEqual([
      "attempt-running",
      "attempt-exited",
      "stop-confirmed",
    ]);
    expect(await readClusterStatus(cluster.socketPath)).toMatchObject({
      pid: running.pid,
      incarnation: running.incarnation,
      generation: 2,
      startCount: 2,
      startsPerAttemptMax: 1,
      liveAttemptCount: 1,
      violationCount: 0,
    });
  });

  test("stops after a reconnect what the next server does not want", async () => {
    await cluster.start();
    const first = cluster.listen();
    const run = wish({ job: 1, startedAtMs: Date.now(), environment: longRun, graceMs: 1 });
    first.executor.realize(change(1, [run], { isComplete: true }));
    await first.heard(1, ["attempt-running"]);
    await first.executor.close();
    const second = cluster.listen();
    second.executor.realize(change(2, [], { isComplete: true }));
    await second.heard(1, ["attempt-exited", "stop-confirmed"]);
    expect(await readClusterStatus(cluster.socketPath)).toMatchObject({ knownAttemptCount: 0 });
  });

  test("refuses a server whose wish is older than one it has accepted", async () => {
    await cluster.start();
    const first = cluster.listen();
    const run = wish({ job: 1, startedAtMs: Date.now(), environment: longRun });
    first.executor.realize(change(7, [run], { isComplete: true }));
    await first.heard(1, ["attempt-running"]);
    await first.executor.close();
    const refused = Promise.withResolvers<unknown>();
    const old = cluster.executor({
      reporter: { info: () => {}, warn: (_, facts) => refused.resolve(facts) },
    });
    old.start(async () => Promise.resolve());
    old.realize(change(6, [], { isComplete: true }));
    expect(await refused.promise).toMatchObject({ generation: 6, newestGeneration: 7 });
    expect(await readClusterStatus(cluster.socketPath)).toMatchObject({ liveAttemptCount: 1 });
  });

  test("reports again what was not taken in", async () => {
    await cluster.start();
    const listener = cluster.listen(2);
    const run = wish({ job: 1, startedAtMs: Date.now(), environment: shortRun });
    listener.executor.realize(change(1, [run], { isComplete: true }));
    await listener.heard(1, ["attempt-running", "attempt-exited", "stop-confirmed"]);
    expect(await readClusterStatus(cluster.socketPath)).toMatchObject({ startCount: 1 });
  });

  test("that starts anew has lost what ran in it, and starts none of it again", async () => {
    const before = await cluster.start();
    const listener = cluster.listen();
    // Placed later than the next incarnation begins, as after a clock that was set back: only the
    // executor's memory can tell that it ran before.
    const run = wish({ job: 1, startedAtMs: Date.now() + 3_600_000, environment: longRun });
    listener.executor.realize(change(1, [run], { isComplete: true }));
    await listener.heard(1, ["attempt-running"]);
    await endClusterProcess(cluster.socketPath);
    const after = await cluster.start();
    expect(after.incarnation).not.toBe(before.incarnation);
    const about = await listener.heard(1, ["attempt-exited", "stop-confirmed"]);
    expect(about).toContainEqual(
      expect.objectContaining({
        kind: "attempt-exited",
        attempt: keyOf({ job: 1 }),
        outcome: { kind: "failed", category: "node", exitCode: 0 },
      }),
    );
    expect(await readClusterStatus(cluster.socketPath)).toMatchObject({ startCount: 0 });
  });

  test("keeps off in a new life what has no watts, and hears of a grant made meanwhile", async () => {
    await cluster.start();
    const listener = cluster.listen();
    const powerOn = [0, 1, 2, 3];
    listener.executor.realize(change(1, [], { isComplete: true, powerOn }));
    await vi.waitFor(async () => {
      expect(await readClusterStatus(cluster.socketPath)).toMatchObject({ drawWatts: 4 * 2_301 });
    }, 20_000);
    await endClusterProcess(cluster.socketPath);
    // Nobody is connected now: the executor has to remember it.
    listener.executor.realize(change(2, [], { powerOn: [4] }));
    listener.executor.realize(change(3, [], { powerOff: [0] }));
    await cluster.start();
    await vi.waitFor(
      async () => {
        expect(await readClusterStatus(cluster.socketPath)).toMatchObject({
          drawWatts: 3 * 2_301 + 801,
          generation: 3,
        });
      },
      { timeout: 20_000 },
    );
  });

  test("takes wishes of any size in pieces", async () => {
    await cluster.start();
    const listener = cluster.listen();
    const environment = { ...shortRun, PADDING: "x".repeat(100_000) };
    const wishes = Array.from({ length: 3_000 }, (_, position) =>
      wish({ job: position + 1, nodes: [9], startedAtMs: Date.now(), environment }),
    );
    listener.executor.realize(change(1, wishes, { isComplete: true }));
    // None of them can run, and each one is answered.
    await listener.heard(3_000, ["attempt-exited", "stop-confirmed"]);
    expect(await readClusterStatus(cluster.socketPath)).toMatchObject({ violationCount: 3_000 });
  });
});
