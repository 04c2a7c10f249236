import { once } from "node:events";
import { statSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { testSite } from "../test-site.ts";
import { spawnClusterProcess } from "./spawn-cluster-process.ts";
import { TestCluster } from "./test-cluster-process.ts";

const cluster = new TestCluster();
beforeEach(() => cluster.open());
afterEach(async () => cluster.close());

describe("the launcher", () => {
  test("finds the process that listens already, and opens the socket to its owner only", async () => {
    const first = await cluster.start();
    expect(first.kind).toBe("started");
    expect(await cluster.start()).toEqual({ ...first, kind: "found" });
    // It leads a process group of its own: a Ctrl-C for the server does not reach it.
    expect(() => process.kill(-first.pid, 0)).not.toThrow();
    expect(statSync(cluster.socketPath).mode & 0o777).toBe(0o600);
  });

  test("starts over the socket file that a killed process left behind", async () => {
    const first = await cluster.start();
    const watch = createConnection(cluster.socketPath);
    await once(watch, "connect");
    const closed = new Promise<void>((resolve) => {
      watch.on("error", () => {});
      watch.on("close", () => resolve());
    });
    process.kill(first.pid, "SIGKILL");
    watch.resume();
    await closed;
    expect(statSync(cluster.socketPath).isSocket()).toBe(true);
    expect(await cluster.start()).toMatchObject({ kind: "started" });
  });

  test("refuses another site and says which process to end", async () => {
    const { pid } = await cluster.start();
    await expect(cluster.start({ ...testSite, id: "elsewhere" })).rejects.toThrow(
      new RegExp(`process ${pid} .*kill ${pid}`),
    );
  });

  test("refuses a process of an older version and says how to end it", async () => {
    const older = createServer((socket) => {
      socket.on("error", () => {}).resume();
      const status = { kind: "status", pid: 4_242, incarnation: "a", site: testSite.id };
      const counts = { knownAttemptCount: 0, liveAttemptCount: 0, startCount: 0 };
      const rest = { startsPerAttemptMax: 0, violationCount: 0, violations: [], drawWatts: 0 };
      const known = { revision: testSite.revision, generation: 0, energyMillijoules: "0" };
      socket.end(`${JSON.stringify({ ...status, ...counts, ...rest, ...known })}\n`);
    });
    older.listen(cluster.socketPath);
    await once(older, "listening");
    try {
      await expect(cluster.start()).rejects.toThrow(
        /process 4242 .* an older protocol, this version protocol 5: end it \(kill 4242\)/,
      );
    } finally {
      older.close();
      await once(older, "close");
    }
  });

  test("says why a process cannot start", async () => {
    const broken = { ...testSite, nodes: [{ id: "n", classIndex: 99 }] };
    await expect(cluster.start(broken)).rejects.toThrow(/cannot start: .*has no node 0/);
    const long = spawnClusterProcess({
      socketPath: join(cluster.directory, "x".repeat(120)),
      logPath: join(cluster.directory, "cluster.log"),
      site: testSite,
      seed: 1,
      physics: {},
    });
    await expect(long).rejects.toThrow(/shorter data directory/);
  });
});
