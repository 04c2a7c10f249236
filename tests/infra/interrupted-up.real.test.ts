import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { exportState, openWorkspace, processTable, runGuarded } from "@ertis/infra-operations";
import type { GuardedResult, RunningProcess, StackWorkspace } from "@ertis/infra-operations";
import { engineEnvironment, programPath, startCluster } from "@ertis/infra-toolchain";
import type { RunningCluster } from "@ertis/infra-toolchain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findLocalEngine } from "./local-engine.ts";

const seed = Number(process.env["ERTIS_TEST_SEED"] ?? Date.now() % 1_000_000);
const objectCount = 24;
/** Three of each phase; `npm run soak` kills more often. */
const killCount = Number(
  process.env["ERTIS_TEST_KILLS"] ?? (process.env["ERTIS_SOAK"] === "1" ? 60 : 9),
);
const phases = ["create", "update", "delete"] as const;
type Phase = (typeof phases)[number];

const { toolchain, missing } = await findLocalEngine();
const directory = mkdtempSync(join(tmpdir(), "ertis-interrupted-"));
let cluster: RunningCluster | undefined;

/** Park–Miller: the same kills for the same seed, as far as the machine is the same. */
function createRandom(start: number): () => number {
  let state = (start % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function open(value: string, kubeconfig = cluster?.kubeconfigPath ?? ""): StackWorkspace {
  const variables = {
    KUBECONFIG: kubeconfig,
    OBJECT_COUNT: String(objectCount),
    OBJECT_VALUE: value,
  };
  return openWorkspace({
    project: "interrupted-up",
    stack: "main",
    projectDirectory: join(import.meta.dirname, "interrupted-up"),
    stateDirectory: directory,
    environment: engineEnvironment(toolchain, { stateDirectory: directory, variables }),
    config: {},
  });
}

/** The engine that this process has started to work on the stack; shorter commands carry no mark. */
async function untilEngine(): Promise<RunningProcess> {
  for (;;) {
    const engine = processTable
      .list()
      .find(
        ({ pid, parentPid, program }) =>
          parentPid === process.pid &&
          program === "pulumi" &&
          processTable.environment(pid).has("ERTIS_ENGINE_RUN"),
      );
    if (engine !== undefined) {
      return engine;
    }
    await delay(5);
  }
}

async function runPhase(phase: Phase, value: string): Promise<GuardedResult> {
  return runGuarded(open(value), { command: phase === "delete" ? "destroy" : "up" });
}

function kubectl(...args: readonly string[]): string {
  const said = spawnSync(
    programPath(toolchain, "kubectl"),
    ["--kubeconfig", cluster?.kubeconfigPath ?? "", ...args],
    { encoding: "utf8" },
  );
  expect(said.status, said.stderr).toBe(0);
  return said.stdout;
}

/** Values of the objects that are there. */
function liveValues(): readonly string[] {
  const { items }: { items: readonly { readonly data: { readonly value: string } }[] } = JSON.parse(
    kubectl("get", "configmaps", "-n", "default", "-l", "test=interrupted-up", "-o", "json"),
  ) as never;
  return items.map(({ data }) => data.value);
}

describe.skipIf(missing !== undefined)(`a killed engine (${missing ?? `seed ${seed}`})`, () => {
  beforeAll(async () => {
    cluster = await startCluster({
      name: "interrupted",
      crds: [],
      stateDirectory: directory,
      toolchain,
    });
  });

  afterAll(async () => {
    await cluster?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test(`${killCount} kills in create, update and delete leave nothing doubled and nothing pending`, async () => {
    const random = createRandom(seed);
    // How long each phase takes undisturbed, so that kills fall into it and not before or after.
    const tookMs = new Map<Phase, number>();
    for (const phase of phases) {
      const result = await runPhase(phase, "calibration");
      expect(result.errors).toEqual([]);
      tookMs.set(phase, result.tookSeconds * 1000);
    }
    const seen = {
      endedCount: 0,
      lockCount: 0,
      importedCount: 0,
      clearedCount: 0,
      lookedUpCount: 0,
    };
    for (let kill = 0; kill < killCount; kill += 1) {
      const phase = phases[kill % phases.length] ?? "create";
      const value = `${kill}`;
      const run = runPhase(phase, value);
      const engine = await untilEngine();
      const afterMs = (0.35 + 0.6 * random()) * (tookMs.get(phase) ?? 0);
      await delay(afterMs);
      // Signal 0 tells whether it has ended meanwhile: then there was nothing to kill.
      if (processTable.find(engine.pid)?.startedAt.getTime() === engine.startedAt.getTime()) {
        process.kill(engine.pid, "SIGKILL");
      }
      await run;
      const after = await runPhase(phase, value);
      const state = await exportState(open(value));
      const about = `kill ${kill} of seed ${seed}, ${phase} after ${afterMs.toFixed(0)} ms`;
      expect(after.errors, about).toEqual([]);
      expect(state?.pendingOperations, about).toEqual([]);
      const expected = phase === "delete" ? 0 : objectCount;
      expect(liveValues(), about).toEqual(Array.from({ length: expected }, () => value));
      const urns = state?.resources.map(({ urn }) => urn) ?? [];
      expect(new Set(urns).size, about).toBe(urns.length);
      const { recovery } = after;
      seen.endedCount += recovery.endedPids.length;
      seen.lockCount += recovery.releasedLockCount;
      seen.importedCount += recovery.importedUrns.length;
      seen.clearedCount += recovery.clearedUrns.length;
      seen.lookedUpCount += recovery.refreshedUrns.length;
      await expectNoLeftovers();
    }
    // Kills that hit nothing would prove nothing.
    expect(seen.lockCount).toBeGreaterThan(killCount / 2);
    expect(seen.endedCount).toBeGreaterThan(0);
    expect(seen.importedCount + seen.clearedCount + seen.lookedUpCount).toBeGreaterThan(0);
    console.log(`${killCount} kills of seed ${seed}:`, seen);
  });

  test("what the API server forbids is told once, with the verb, and nothing is made", async () => {
    const done = await runPhase("delete", "");
    expect(done.errors).toEqual([]);
    const kubeconfig = join(directory, "viewer.yaml");
    kubectl("create", "serviceaccount", "viewer");
    kubectl(
      "create",
      "clusterrolebinding",
      "viewer",
      "--clusterrole=view",
      "--serviceaccount=default:viewer",
    );
    const token = kubectl("create", "token", "viewer").trim();
    const config = kubectl("config", "view", "--raw", "--minify", "-o", "json");
    const parsed = JSON.parse(config) as { users: { user: object }[] };
    for (const each of parsed.users) {
      each.user = { token };
    }
    writeFileSync(kubeconfig, JSON.stringify(parsed));
    const result = await runGuarded(open("forbidden", kubeconfig), { command: "up" });
    expect(result.isOk).toBe(false);
    expect(result.errors.join("\n")).toMatch(/cannot (create|patch|get)/);
    expect(liveValues()).toEqual([]);
  });

  test("a run that lives is left alone, by name", async () => {
    const run = runPhase("create", "first");
    const engine = await untilEngine();
    await expect(runPhase("create", "second")).rejects.toThrow(
      `another run works on interrupted-up/main: process ${engine.pid}`,
    );
    await expect(run).resolves.toMatchObject({ isOk: true });
    expect(new Set(liveValues())).toEqual(new Set(["first"]));
  });
});

/** Of the killed engine no helper is left once the next run is over. */
async function expectNoLeftovers(): Promise<void> {
  const left = processTable
    .list()
    .filter(
      ({ pid }) => processTable.environment(pid).get("PULUMI_HOME")?.startsWith(directory) === true,
    );
  // A plugin may take a moment to end after its engine has.
  await Promise.all(
    left.map(async ({ pid, startedAt }) => {
      for (
        let waitedMs = 0;
        waitedMs < 5_000 && processTable.find(pid)?.startedAt.getTime() === startedAt.getTime();
        waitedMs += 20
      ) {
        await delay(20);
      }
    }),
  );
  expect(
    left.filter(
      ({ pid, startedAt }) => processTable.find(pid)?.startedAt.getTime() === startedAt.getTime(),
    ),
  ).toEqual([]);
}
