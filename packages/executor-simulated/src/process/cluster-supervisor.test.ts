import { expect, test } from "vitest";
import { ClusterSupervisor } from "./cluster-supervisor.ts";

/** Time passes when somebody waits, and what was waited for is kept. */
class Scene {
  nowMs = 0;
  readonly waitsMs: number[] = [];
  readonly warnings: string[] = [];
  restartCount = 0;
  /** What a restart does to the connection. */
  afterRestart: (supervisor: ClusterSupervisor) => void = () => undefined;
  restart: () => Promise<{ kind: "started" | "found"; pid: number }> = async () => ({
    kind: "started",
    pid: 4711,
  });
  readonly supervisor: ClusterSupervisor = new ClusterSupervisor({
    site: "hub",
    reporter: { info: () => undefined, warn: (message) => this.warnings.push(message) },
    restart: async () => {
      this.restartCount += 1;
      const running = await this.restart();
      this.afterRestart(this.supervisor);
      return running;
    },
    time: {
      nowMs: () => this.nowMs,
      wait: async (lengthMs, signal) => {
        signal.throwIfAborted();
        this.waitsMs.push(lengthMs);
        this.nowMs += lengthMs;
      },
    },
  });

  /** Everything that was started has come to its end. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 1_000; turn += 1) {
      await Promise.resolve();
    }
  }
}

test("a cluster that has ended is started again once, and it is said", async () => {
  const scene = new Scene();
  scene.afterRestart = (supervisor) => supervisor.back();
  scene.supervisor.lost();
  await scene.settle();
  expect(scene.restartCount).toBe(1);
  expect(scene.warnings).toEqual(["the cluster process had ended and was started again"]);
});

test("a connection that comes back by itself starts nothing", async () => {
  const scene = new Scene();
  scene.supervisor.lost();
  scene.supervisor.back();
  await scene.settle();
  expect(scene.restartCount).toBe(0);
});

test("waits double while nothing comes back, and after five starts in ten minutes it gives up", async () => {
  const scene = new Scene();
  scene.supervisor.lost();
  await scene.settle();
  expect(scene.restartCount).toBe(5);
  expect(scene.waitsMs.map((ms) => ms / 1_000)).toEqual([1, 2, 4, 8, 16, 32]);
  expect(scene.warnings.at(-1)).toContain("ended 5 times in 10 minutes and is not started again");
  // Long after, it is tried again.
  scene.nowMs += 11 * 60_000;
  scene.afterRestart = (supervisor) => supervisor.back();
  scene.supervisor.lost();
  await scene.settle();
  expect(scene.restartCount).toBe(6);
});

test("a start that fails is said with its reason and counts, too", async () => {
  const scene = new Scene();
  scene.restart = () => Promise.reject(new Error("no memory"));
  scene.supervisor.lost();
  await scene.settle();
  expect(scene.restartCount).toBe(5);
  expect(scene.warnings[0]).toBe("the cluster process cannot be started again");
});

test("a closed supervisor starts nothing more", async () => {
  const scene = new Scene();
  const closed = scene.supervisor.close();
  scene.supervisor.lost();
  await closed;
  await scene.settle();
  expect(scene.restartCount).toBe(0);
});
