import { MemoryEventLog, MemoryLogStorage } from "@ertis/event-log";
import { decodeEntry, isFinished, nodesUp } from "@ertis/scheduler-engine";
import type { Scheduler } from "@ertis/scheduler-runtime";
import { describe, expect, test } from "vitest";

import { createOracle, describeViolation } from "../oracle/index.ts";
import { dyingLog } from "./dying-log.ts";
import { advance, createWorld, item, startIn, type World } from "./world.ts";

const minuteMs = 60_000;

/** Nodes that are up: as the scheduler counts them, and as they really are. */
async function bothViews(
  scheduler: Scheduler,
  { cluster }: World,
): Promise<readonly [readonly number[], readonly number[]]> {
  const counted = await scheduler.read(({ state }) => nodesUp(state, "two-rows"));
  const notUp = new Set(cluster.inventory().nodes.map(({ node }) => node));
  const really = [...cluster.site.nodes.keys()].filter((node) => !notUp.has(node));
  return [counted, really];
}

describe("nodes that fail and come back", () => {
  test("are up for scheduler and cluster alike, also when a grant was durable and never sent", async () => {
    const world = createWorld(5, {
      nodeFailure: { numerator: 1, denominator: 1 },
      fenceAfterMs: { min: 5 * minuteMs, max: 10 * minuteMs },
      repairMs: { min: 5 * minuteMs, max: 30 * minuteMs },
    });
    const storage = new MemoryLogStorage();
    for (let life = 0; life < 20; life += 1) {
      const { log, die } = dyingLog(new MemoryEventLog(storage));
      const scheduler = await startIn(world, log);
      const numbers = Array.from({ length: 10 }, (_, index) => life * 10 + index + 1);
      await scheduler.request({
        kind: "submit-jobs",
        owner: "aigerim",
        items: numbers.map((number) => item(number)),
      });
      await advance(world, 47 * minuteMs);
      const [counted, really] = await bothViews(scheduler, world);
      expect(counted).toEqual(really);
      die("after-commit");
      await advance(world, 10 * minuteMs);
      expect(await scheduler.stopped).toContain("died after the commit");
      await log.close();
    }
    const log = new MemoryEventLog(storage);
    const scheduler = await startIn(world, log);
    await advance(world, 24 * 60 * minuteMs);
    expect(
      await scheduler.read(({ state }) => [...state.jobs.after(0)].every((job) => isFinished(job))),
    ).toBe(true);
    expect(world.cluster.violations()).toEqual([]);
    expect(world.cluster.startsPerAttemptMax).toBe(1);

    const oracle = createOracle();
    const found: string[] = [];
    for await (const row of log.read(0)) {
      found.push(...oracle.observe(decodeEntry(row.payload)).map(describeViolation));
    }
    found.push(...oracle.finish().map(describeViolation));
    expect(found).toEqual([]);
    expect(oracle.tally().byKind.get("node-returned")).toBeGreaterThan(100);
    await scheduler.close();
  });
});
