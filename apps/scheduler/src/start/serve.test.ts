import { ClockServiceService, JobServiceService, JobState } from "@ertis/api";
import { endClusterProcess, readClusterStatus } from "@ertis/executor-simulated";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { endLocalClusters, forgetEverything } from "../local/local-hub.ts";
import { as, call, openHub, requestId, specWith, submitOne, testConfig } from "../testing/hub.ts";
import { siteId, smallSite } from "../testing/small-site.ts";
import { clusterSocketPath } from "./cluster-paths.ts";
import { exitCodes, sayProblem, StartProblem } from "./problem.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ertis-serve-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function problemOf(changes: Parameters<typeof openHub>[0]): Promise<StartProblem> {
  try {
    const hub = await openHub(changes);
    await hub.close();
  } catch (error) {
    if (error instanceof StartProblem) {
      return error;
    }
    throw error;
  }
  throw new Error("the server started, and should not");
}

test("what was acknowledged is there after a restart, and time did not go back", async () => {
  const item = { requestId: requestId(), spec: specWith({ held: true }) };
  const submit = async () => {
    const hub = await openHub({ dataDirectory: directory });
    const clock = await call(hub, ClockServiceService.getClock, {}, as("dauren"));
    const answer = await call(hub, JobServiceService.submitJobs, { items: [item] }, as("aigerim"));
    await call(
      hub,
      ClockServiceService.advance,
      { toTimeMs: clock.nowTimeMs + 60_000 },
      as("dauren"),
    );
    await hub.close();
    return { outcome: answer.results[0]?.outcome, nowTimeMs: clock.nowTimeMs };
  };
  const first = await submit();
  const second = await submit();
  expect(first.outcome?.$case).toBe("acceptedJobId");
  expect(second.outcome).toEqual({
    $case: "alreadyAcceptedJobId",
    value: first.outcome?.value,
  });
  expect(second.nowTimeMs).toBeGreaterThanOrEqual(first.nowTimeMs);
});

test("a second server on the same directory, and one on a busy port, are refused", async () => {
  const hub = await openHub({ dataDirectory: directory });
  expect((await problemOf({ dataDirectory: directory })).exitCode).toBe(exitCodes.logLocked);
  expect((await problemOf({ port: hub.server.port })).exitCode).toBe(exitCodes.addressInUse);
  await hub.close();
});

test("a directory that is a file, or cannot be made, is refused", async () => {
  const file = join(directory, "file");
  writeFileSync(file, "");
  for (const dataDirectory of [file, join(file, "below")]) {
    const problem = await problemOf({ dataDirectory });
    expect(problem.exitCode).toBe(exitCodes.dataDirectory);
    expect(problem.message).toContain(`${file} is a file`);
  }
});

test("nobody configured is refused; without authentication only loopback is served", async () => {
  expect((await problemOf({ people: [] })).advice).toContain("--insecure-no-auth");
  const open = await problemOf({ people: [], isWithoutAuth: true, host: "0.0.0.0" });
  expect(open.message).toContain("operator");
  const hub = await openHub({ people: [], isWithoutAuth: true });
  await hub.close();
});

test("a wrong site file names file and line; a cluster of no site is refused", async () => {
  const sites = [{ file: "bad.yaml", text: "site: x\n", phases: "built" as const }];
  expect((await problemOf({ sites, clusters: [] })).message).toMatch(/bad\.yaml:\d+:/);
  const clusters = [{ site: "elsewhere", seed: 1, isOwnProcess: false, physics: {} }];
  expect((await problemOf({ clusters })).message).toContain("elsewhere");
});

const ownProcess = {
  clock: "real" as const,
  clusters: [{ site: siteId, seed: 1, isOwnProcess: true, physics: {} }],
};

test("a start that is refused ends the cluster that it started, not the one that it found", async () => {
  const socketPath = clusterSocketPath(directory, siteId);
  const config = { ...ownProcess, dataDirectory: directory };
  const wrong = [
    ...ownProcess.clusters,
    { site: "elsewhere", seed: 1, isOwnProcess: true, physics: {} },
  ];
  await problemOf({ ...config, clusters: wrong });
  expect(await readClusterStatus(socketPath)).toBeUndefined();
  const hub = await openHub(config);
  const found = await readClusterStatus(socketPath);
  await hub.close();
  await problemOf({ ...config, clusters: wrong });
  try {
    expect((await readClusterStatus(socketPath))?.pid).toBe(found?.pid);
    // Whatever is wrong with the log, the clusters are found by their sockets.
    writeFileSync(join(directory, "log.db"), "this is no database at all, not even a little");
    expect(await endLocalClusters(directory)).toBe(1);
    expect(await readClusterStatus(socketPath)).toBeUndefined();
  } finally {
    await endClusterProcess(socketPath);
  }
});

test("a data directory with a long path has its sockets elsewhere", async () => {
  const dataDirectory = join(directory, "a-repository-in-a-folder-with-a-long-name".repeat(3));
  const socketPath = clusterSocketPath(dataDirectory, siteId);
  expect(Buffer.byteLength(socketPath)).toBeLessThanOrEqual(103);
  const hub = await openHub({ ...ownProcess, dataDirectory });
  await hub.close();
  try {
    expect((await readClusterStatus(socketPath))?.site).toBe(siteId);
    await expect(endLocalClusters(dataDirectory)).resolves.toBe(1);
    expect(await readClusterStatus(socketPath)).toBeUndefined();
  } finally {
    await forgetEverything(dataDirectory);
  }
  expect(existsSync(dirname(socketPath))).toBe(false);
});

test("a full disk is one line with what to do, wherever it shows", () => {
  const full = Object.assign(new Error("no space"), { code: "ENOSPC", path: "/data/context.json" });
  for (const error of [full, new Error("could not write", { cause: full })]) {
    const { text, exitCode } = sayProblem(error);
    expect(text).toMatch(/^error: no space left.*\n {2}→ free some space .*\n$/);
    expect(exitCode).toBe(exitCodes.diskFull);
  }
});

test("a damaged log is said in a line, and nothing of it is touched", async () => {
  const hub = await openHub({ dataDirectory: directory });
  await hub.close();
  writeFileSync(join(directory, "log.db"), "this is no database at all, not even a little");
  const problem = await problemOf({ dataDirectory: directory });
  expect(problem.exitCode).toBe(exitCodes.logCorrupt);
  expect(sayProblem(problem).text).toMatch(/^error: .*\n {2}→ .*\n$/s);
});

test("a port is let go of when the start fails", async () => {
  const hub = await openHub();
  const { port } = hub.server;
  await hub.close();
  await problemOf({
    port,
    clusters: [{ site: "elsewhere", seed: 1, isOwnProcess: false, physics: {} }],
  });
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve()));
  });
});

test("snapshots are made in a thread of their own, and a restart begins with the newest", async () => {
  const restored: Readonly<Record<string, string | number>>[] = [];
  const made = Promise.withResolvers<void>();
  const reporter = {
    info: (message: string, facts: Readonly<Record<string, string | number>>) => {
      if (message === "snapshot made") {
        made.resolve();
      } else if (message === "state restored") {
        restored.push(facts);
      }
    },
    warn: (message: string) => made.reject(new Error(message)),
  };
  const config = {
    ...testConfig,
    dataDirectory: directory,
    snapshots: { everyRows: 2, everyCharacters: 1_000_000 },
  };
  const hub = await openHub(config, reporter);
  for (let count = 0; count < 10; count += 1) {
    await submitOne(hub, "aigerim", { held: true });
  }
  await made.promise;
  await hub.close();
  const again = await openHub(config, reporter);
  expect(restored[1]?.["snapshotSequence"]).toBeGreaterThan(0);
  await again.close();
});

/** A substation with a rack in front of what was there: every node gets another position. */
const editedSite = smallSite.replace(
  "    - name: substation-1\n",
  `    - name: substation-0
      supplies: 1 × 200 kW
      source: assumption
      halls:
        - name: hall-0
          supplies: 1 × 150 kW
          source: assumption
          rows: 1 × row
    - name: substation-1
`,
);

test("a server restarts on an edited site file while its cluster lives, and what runs goes on", async () => {
  const config = {
    ...testConfig,
    dataDirectory: directory,
    clock: "real" as const,
    clusters: [
      { site: siteId, seed: 1, isOwnProcess: true, physics: { startDelayMs: { min: 0, max: 0 } } },
    ],
  };
  const long = { env: new Map([["ERTIS_SIM_RUNTIME_MS", "3600000"]]) };
  const socketPath = clusterSocketPath(directory, siteId);
  const warnings: string[] = [];
  const said: string[] = [];
  const reporter = {
    info: (message: string) => said.push(message),
    warn: (message: string) => warnings.push(message),
  };
  const running = async (hub: Awaited<ReturnType<typeof openHub>>, jobId: string) =>
    vi.waitFor(
      async () => {
        const job = await call(hub, JobServiceService.getJob, { jobId }, as("aigerim"));
        expect(job.job?.state).toBe(JobState.RUNNING);
        return job.job?.attempts.flatMap((attempt) => attempt.nodes.map((node) => node.nodeId));
      },
      { timeout: 10_000 },
    );
  try {
    const before = await openHub(config, reporter);
    const first = await submitOne(before, "aigerim", { ...long, nodeCount: 3 });
    const placed = await running(before, first);
    const clusterBefore = await readClusterStatus(socketPath);
    await before.close();

    const sites = [{ file: "test-hub.yaml", text: editedSite, phases: "built" as const }];
    const after = await openHub({ ...config, sites }, reporter);
    expect(await running(after, first)).toEqual(placed);
    // More than the old nodes carry beside it: it needs those that are new.
    const second = await submitOne(after, "aigerim", { ...long, nodeCount: 18 });
    expect(await running(after, second)).toHaveLength(18);
    expect(await running(after, first)).toEqual(placed);
    const status = await readClusterStatus(socketPath);
    expect(status).toMatchObject({
      pid: clusterBefore?.pid,
      startCount: 2,
      startsPerAttemptMax: 1,
      liveAttemptCount: 2,
      violations: [],
    });
    expect(status?.revision).not.toBe(clusterBefore?.revision);
    expect(warnings).toEqual([]);
    expect(said.filter((message) => message.includes("site file changed"))).toEqual([
      expect.stringMatching(/: site file changed: \d+ → \d+ nodes, revision [0-9a-f]{12}$/),
    ]);
    await after.close();
  } finally {
    await endClusterProcess(socketPath);
  }
});

test("a cluster process that is killed is started again, and what ran there runs anew", async () => {
  const socketPath = clusterSocketPath(directory, siteId);
  const warnings: string[] = [];
  const reporter = { info: () => undefined, warn: (message: string) => warnings.push(message) };
  const hub = await openHub({ ...ownProcess, dataDirectory: directory }, reporter);
  try {
    const killed = await readClusterStatus(socketPath);
    process.kill(killed?.pid ?? 0, "SIGKILL");
    await vi.waitFor(() => expect(warnings.join("\n")).toContain("was started again"), 20_000);
    const now = await readClusterStatus(socketPath);
    expect(now?.incarnation).not.toBe(killed?.incarnation);
    const long = { env: new Map([["ERTIS_SIM_RUNTIME_MS", "3600000"]]) };
    const jobId = await submitOne(hub, "aigerim", long);
    await vi.waitFor(async () => {
      const { job } = await call(hub, JobServiceService.getJob, { jobId }, as("aigerim"));
      expect(job?.state).toBe(JobState.RUNNING);
    }, 20_000);
  } finally {
    await hub.close();
    await endClusterProcess(socketPath);
  }
});
