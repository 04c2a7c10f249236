import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { instant } from "@ertis/quantities";
import type { Observation } from "@ertis/scheduler-engine";
import type { Executor } from "@ertis/scheduler-runtime";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ClusterSite } from "../cluster/node-table.ts";
import { change, keyOf, testSite, wish } from "../test-site.ts";
import { readClusterStatus } from "./cluster-status.ts";
import { createSocketExecutor } from "./socket-executor.ts";
import {
  endClusterProcess,
  type RunningClusterProcess,
  spawnClusterProcess,
} from "./spawn-cluster-process.ts";

let directory = "";
let socketPath = "";
const executors: Executor[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ertis-cluster-"));
  socketPath = join(directory, "cluster.sock");
});

afterEach(async () => {
  await Promise.all(executors.splice(0).map(async (executor) => executor.close()));
  await endClusterProcess(socketPath);
  rmSync(directory, { recursive: true });
});

async function startCluster(site: ClusterSite = testSite): Promise<RunningClusterProcess> {
  return spawnClusterProcess({
    socketPath,
    logPath: join(directory, "cluster.log"),
    site,
    seed: 1,
    physics: { startDelayMs: { min: 0, max: 0 }, powerOffMs: { min: 0, max: 0 } },
  });
}

interface Listener {
  readonly executor: Executor;
  /** Resolves when all of these kinds were reported about the job. */
  heard(job: number, kinds: readonly Observation["kind"][]): Promise<readonly Observation[]>;
}

/** An executor whose reports are taken in at once, or refused the first few times. */
function listen(refusals = 0, site: ClusterSite = testSite): Listener {
  const executor = createSocketExecutor({ socketPath, site });
  executors.push(executor);
  const heard: Observation[] = [];
  const checks = new Set<() => void>();
  let refusalsLeft = refusals;
  executor.start(async (observations) => {
    if (refusalsLeft > 0) {
      refusalsLeft -= 1;
      throw new Error("not now");
    }
    heard.push(...observations);
    for (const check of checks) {
      check();
    }
    return Promise.resolve();
  });
  return {
    executor,
    heard: async (job, kinds) =>
      new Promise((resolve) => {
        const check = (): void => {
          const about = heard.filter((each) => "attempt" in each && each.attempt.job === job);
          if (kinds.every((kind) => about.some((each) => each.kind === kind))) {
            resolve(about);
          }
        };
        checks.add(check);
        check();
      }),
  };
}

const longRun = { ERTIS_SIM_RUNTIME_MS: "3600000" };
const shortRun = { ERTIS_SIM_RUNTIME_MS: "1", ERTIS_SIM_OUTCOME: "succeeded" };

describe("a cluster that does not answer", () => {
  /** What an executor says, as it says it. */
  function follow(): { readonly executor: Executor; readonly heard: Observation["kind"][] } {
    const heard: Observation["kind"][] = [];
    const executor = createSocketExecutor({ socketPath, site: testSite, awayAfterMs: 20 });
    executors.push(executor);
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
    await startCluster();
    // Taken as begun before this life of the cluster, so as lost: the wish has arrived.
    const wanted = ["cluster-away", "cluster-back", "attempt-exited", "stop-confirmed"];
    await vi.waitFor(() => expect(heard).toEqual(wanted), { timeout: 10_000 });
    expect(await readClusterStatus(socketPath)).toMatchObject({ generation: 3 });
    await endClusterProcess(socketPath);
    await vi.waitFor(() => expect(heard).toEqual([...wanted, "cluster-away"]));
  });

  test("is not reported away when it answers, but back: an earlier scheduler may have missed it", async () => {
    await startCluster();
    const { heard } = follow();
    await vi.waitFor(() => expect(heard).toEqual(["cluster-back"]));
  });
});

describe("a cluster process", () => {
  test("survives the SIGKILL of its server; nothing is lost and nothing started twice", async () => {
    const running = await startCluster();
    const startedAtMs = Date.now();
    const server = spawn(
      process.execPath,
      [join(import.meta.dirname, "test-server.ts"), socketPath, String(startedAtMs)],
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

    const next = listen();
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
    expect(await readClusterStatus(socketPath)).toMatchObject({
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
    await startCluster();
    const first = listen();
    const run = wish({ job: 1, startedAtMs: Date.now(), environment: longRun, graceMs: 1 });
    first.executor.realize(change(1, [run], { isComplete: true }));
    await first.heard(1, ["attempt-running"]);
    await first.executor.close();
    const second = listen();
    second.executor.realize(change(2, [], { isComplete: true }));
    await second.heard(1, ["attempt-exited", "stop-confirmed"]);
    expect(await readClusterStatus(socketPath)).toMatchObject({ knownAttemptCount: 0 });
  });

  test("refuses a server whose wish is older than one it has accepted", async () => {
    await startCluster();
    const first = listen();
    const run = wish({ job: 1, startedAtMs: Date.now(), environment: longRun });
    first.executor.realize(change(7, [run], { isComplete: true }));
    await first.heard(1, ["attempt-running"]);
    await first.executor.close();
    const refused = Promise.withResolvers<unknown>();
    const old = createSocketExecutor({
      socketPath,
      site: testSite,
      reporter: { info: () => {}, warn: (_, facts) => refused.resolve(facts) },
    });
    executors.push(old);
    old.start(async () => Promise.resolve());
    old.realize(change(6, [], { isComplete: true }));
    expect(await refused.promise).toMatchObject({ generation: 6, newestGeneration: 7 });
    expect(await readClusterStatus(socketPath)).toMatchObject({ liveAttemptCount: 1 });
  });

  test("reports again what was not taken in", async () => {
    await startCluster();
    const listener = listen(2);
    const run = wish({ job: 1, startedAtMs: Date.now(), environment: shortRun });
    listener.executor.realize(change(1, [run], { isComplete: true }));
    await listener.heard(1, ["attempt-running", "attempt-exited", "stop-confirmed"]);
    expect(await readClusterStatus(socketPath)).toMatchObject({ startCount: 1 });
  });

  test("that starts anew has lost what ran in it, and starts none of it again", async () => {
    const before = await startCluster();
    const listener = listen();
    // Placed later than the next incarnation begins, as after a clock that was set back: only the
    // executor's memory can tell that it ran before.
    const run = wish({ job: 1, startedAtMs: Date.now() + 3_600_000, environment: longRun });
    listener.executor.realize(change(1, [run], { isComplete: true }));
    await listener.heard(1, ["attempt-running"]);
    await endClusterProcess(socketPath);
    const after = await startCluster();
    expect(after.incarnation).not.toBe(before.incarnation);
    const about = await listener.heard(1, ["attempt-exited", "stop-confirmed"]);
    expect(about).toContainEqual(
      expect.objectContaining({
        kind: "attempt-exited",
        attempt: keyOf({ job: 1 }),
        outcome: { kind: "failed", category: "node", exitCode: 0 },
      }),
    );
    expect(await readClusterStatus(socketPath)).toMatchObject({ startCount: 0 });
  });

  test("keeps off in a new life what has no watts, and hears of a grant made meanwhile", async () => {
    await startCluster();
    const listener = listen();
    const powerOn = [0, 1, 2, 3];
    listener.executor.realize(change(1, [], { isComplete: true, powerOn }));
    await vi.waitFor(async () => {
      expect(await readClusterStatus(socketPath)).toMatchObject({ drawWatts: 4 * 2_301 });
    });
    await endClusterProcess(socketPath);
    // Nobody is connected now: the executor has to remember it.
    listener.executor.realize(change(2, [], { powerOn: [4] }));
    listener.executor.realize(change(3, [], { powerOff: [0] }));
    await startCluster();
    await vi.waitFor(
      async () => {
        expect(await readClusterStatus(socketPath)).toMatchObject({
          drawWatts: 3 * 2_301 + 801,
          generation: 3,
        });
      },
      { timeout: 5_000 },
    );
  });

  test("takes wishes of any size in pieces", async () => {
    await startCluster();
    const listener = listen();
    const environment = { ...shortRun, PADDING: "x".repeat(100_000) };
    const wishes = Array.from({ length: 3_000 }, (_, position) =>
      wish({ job: position + 1, nodes: [9], startedAtMs: Date.now(), environment }),
    );
    listener.executor.realize(change(1, wishes, { isComplete: true }));
    // None of them can run, and each one is answered.
    await listener.heard(3_000, ["attempt-exited", "stop-confirmed"]);
    expect(await readClusterStatus(socketPath)).toMatchObject({ violationCount: 3_000 });
  });
});

describe("an edited site", () => {
  const racksInFront = [0, 1].map((node) => ({ id: `test-site/front-${node}`, classIndex: 0 }));
  const edited: ClusterSite = {
    ...testSite,
    revision: "1".repeat(64),
    nodes: [...racksInFront, ...testSite.nodes],
  };

  test("is taken over by the process that runs: attempts go on, new nodes come up", async () => {
    const { pid } = await startCluster();
    const startedAtMs = Date.now();
    const before = listen();
    const runs = [1, 2].map((job) =>
      wish({ job, nodes: [job - 1], startedAtMs, environment: longRun }),
    );
    before.executor.realize(change(1, runs, { isComplete: true }));
    await before.heard(1, ["attempt-running"]);
    await before.heard(2, ["attempt-running"]);
    await before.executor.close();

    expect(await startCluster(edited)).toMatchObject({ kind: "found", pid });
    const after = listen(0, edited);
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
    expect(await readClusterStatus(socketPath)).toMatchObject({
      pid,
      revision: edited.revision,
      liveAttemptCount: 3,
      startCount: 3,
      startsPerAttemptMax: 1,
      violations: [],
    });
  });

  test("is refused with the reason while a node that goes holds something", async () => {
    await startCluster();
    const before = listen();
    const run = wish({ job: 1, startedAtMs: Date.now(), environment: longRun });
    before.executor.realize(change(1, [run], { isComplete: true }));
    await before.heard(1, ["attempt-running"]);
    await before.executor.close();
    const warned = Promise.withResolvers<unknown>();
    const executor = createSocketExecutor({
      socketPath,
      site: { ...edited, nodes: racksInFront },
      reporter: { info: () => {}, warn: (_, facts) => warned.resolve(facts["error"]) },
    });
    executors.push(executor);
    executor.realize(change(2, [], { isComplete: true, powerOn: [0, 1] }));
    executor.start(async () => Promise.resolve());
    expect(await warned.promise).toMatch(/test-site\/node-0 would be gone, and attempt 1_0\.1/);
    expect(await readClusterStatus(socketPath)).toMatchObject({
      revision: testSite.revision,
      liveAttemptCount: 1,
    });
  });

  test("is not taken from an executor that is behind", async () => {
    await startCluster();
    const newest = listen();
    const run = wish({ job: 1, startedAtMs: Date.now(), environment: longRun });
    newest.executor.realize(change(7, [run], { isComplete: true }));
    await newest.heard(1, ["attempt-running"]);
    const warned = Promise.withResolvers<unknown>();
    const behind = createSocketExecutor({
      socketPath,
      site: edited,
      reporter: { info: () => {}, warn: (_, facts) => warned.resolve(facts["error"]) },
    });
    executors.push(behind);
    behind.realize(change(6, [], { isComplete: true }));
    behind.start(async () => Promise.resolve());
    expect(await warned.promise).toMatch(/generation 6 is older than generation 7/);
    expect(await readClusterStatus(socketPath)).toMatchObject({ revision: testSite.revision });
  });
});

describe("the launcher", () => {
  test("finds the process that listens already, and opens the socket to its owner only", async () => {
    const first = await startCluster();
    expect(first.kind).toBe("started");
    expect(await startCluster()).toEqual({ ...first, kind: "found" });
    // It leads a process group of its own: a Ctrl-C for the server does not reach it.
    expect(() => process.kill(-first.pid, 0)).not.toThrow();
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  });

  test("starts over the socket file that a killed process left behind", async () => {
    const first = await startCluster();
    const watch = createConnection(socketPath);
    await once(watch, "connect");
    const closed = new Promise<void>((resolve) => {
      watch.on("error", () => {});
      watch.on("close", () => resolve());
    });
    process.kill(first.pid, "SIGKILL");
    watch.resume();
    await closed;
    expect(statSync(socketPath).isSocket()).toBe(true);
    expect(await startCluster()).toMatchObject({ kind: "started" });
  });

  test("refuses another site and says which process to end", async () => {
    const { pid } = await startCluster();
    await expect(startCluster({ ...testSite, id: "elsewhere" })).rejects.toThrow(
      new RegExp(`process ${pid} .*kill ${pid}`),
    );
  });

  test("says why a process cannot start", async () => {
    const broken = { ...testSite, nodes: [{ id: "n", classIndex: 99 }] };
    await expect(startCluster(broken)).rejects.toThrow(/cannot start: .*has no node 0/);
    const long = spawnClusterProcess({
      socketPath: join(directory, "x".repeat(120)),
      logPath: join(directory, "cluster.log"),
      site: testSite,
      seed: 1,
      physics: {},
    });
    await expect(long).rejects.toThrow(/shorter data directory/);
  });
});

describe("malformed input", () => {
  /** Sends bytes and gives back all that comes until the cluster closes. */
  async function answerTo(bytes: string): Promise<string> {
    const socket = createConnection(socketPath);
    const said: string[] = [];
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => said.push(String(chunk)));
    socket.end(bytes);
    return new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.on("close", () => resolve(said.join("")));
    });
  }

  test("is answered with what is wrong and does not end the process", async () => {
    const running = await startCluster();
    const hello = JSON.stringify({
      kind: "hello",
      protocol: 4,
      site: testSite.id,
      revision: testSite.revision,
    });
    const cases: readonly (readonly [string, RegExp])[] = [
      ["GET / HTTP/1.1\r\n\r\n", /not JSON/],
      ["null\n", /not an object/],
      ["[]\n", /not an object/],
      [`${"[".repeat(100_000)}\n`, /not JSON/],
      ["{}\n", /\\"kind\\" is none of/],
      ['{"kind":"hello","protocol":1,"site":"a","revision":"b"}\n', /protocol 1 is not 4/],
      ['{"kind":"hello","protocol":4,"site":"a","revision":"b"}\n', /has to end before/],
      ['{"kind":"acknowledge","sequence":1}\n', /say hello first/],
      [`${hello}\n{"kind":"acknowledge","sequence":-1}\n`, /not a whole number/],
      [`${hello}\n{"kind":"acknowledge","sequence":1e99}\n`, /not a whole number/],
      [
        `${hello}\n{"kind":"desired","generation":1,"isComplete":true,"isLast":true,"attempts":[{}],"forget":[],"powerOff":[],"powerOn":[],"lost":[]}\n`,
        /a placement is not an object/,
      ],
      [
        '{"kind":"site","generation":1,"site":{"id":"a","nodeClasses":[],"nodes":[]}}\n',
        /\\"revision\\" is not a text/,
      ],
      [
        `{"kind":"site","generation":1,"site":{"id":"a","revision":"","nodeClasses":[],"nodes":[{"id":"n","classIndex":0}]}}\n`,
        /a class that the site does not have/,
      ],
      ["x".repeat(9 * 2 ** 20), /more than 8388608 bytes/],
      // Cut off in the middle: nothing to answer, and nothing happens.
      ['{"kind":"hel', /^$/],
    ];
    for (const [bytes, expected] of cases) {
      expect(await answerTo(bytes)).toMatch(expected);
    }
    expect(await readClusterStatus(socketPath)).toMatchObject({
      pid: running.pid,
      startCount: 0,
      violationCount: 0,
    });
  });
});
