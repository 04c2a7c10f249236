import { MemoryEventLog, MemoryLogStorage } from "@ertis/event-log";
import { instant, milliseconds } from "@ertis/quantities";
import { decodeEntry, defaultLimits, stateDigest } from "@ertis/scheduler-engine";
import { type EventLog, restore, startScheduler, writeSnapshotOf } from "@ertis/scheduler-runtime";
import { describe, expect, test } from "vitest";

import { advance, createWorld, silent, startIn, startMs, submit, upTo } from "./world.ts";

const hourMs = 3_600_000;

/** What the rows of a log behind one of them were decided for. */
async function commandKinds(log: EventLog, after: number): Promise<readonly string[]> {
  const kinds: string[] = [];
  for await (const { payload } of log.read(after)) {
    kinds.push(decodeEntry(payload).command.kind);
  }
  return kinds;
}

describe("restart", () => {
  test("from a snapshot and from the whole log: the same state", async () => {
    const world = createWorld(9);
    const log = new MemoryEventLog();
    const scheduler = await startIn(world, log);
    await scheduler.request(submit(upTo(50)));
    await advance(world, 2 * hourMs);
    const { sequence } = await writeSnapshotOf(log, defaultLimits);
    await scheduler.request(submit(upTo(70)));
    await advance(world, hourMs);
    const live = await scheduler.read((engine) => stateDigest(engine.state));

    const fromSnapshot = await restore(log, defaultLimits);
    expect(fromSnapshot.snapshotSequence).toBe(sequence);
    expect(stateDigest(fromSnapshot.engine.state)).toBe(live);
    await log.trim(sequence);
    expect(stateDigest((await restore(log, defaultLimits)).engine.state)).toBe(live);
    await scheduler.close();
  });

  test("every life begins by forgetting what is not in the log, before anything is asked or measured", async () => {
    const world = createWorld(9);
    const storage = new MemoryLogStorage();
    const kindsOfLife = async (number: number): Promise<readonly string[]> => {
      const log = new MemoryEventLog(storage);
      const { last } = await log.range();
      const scheduler = await startIn(world, log);
      await scheduler.request(submit([number]));
      const kinds = await commandKinds(log, last);
      log.kill();
      await scheduler.close();
      return kinds;
    };
    for (const number of [1, 2, 3]) {
      const kinds = await kindsOfLife(number);
      expect(kinds).toContain("submit-jobs");
      expect([kinds[0], kinds.filter((kind) => kind === "restart").length]).toEqual(["restart", 1]);
    }
  });

  test("a snapshot of another version is passed over while the log has every row", async () => {
    const log = new MemoryEventLog();
    const scheduler = await startIn(createWorld(4), log);
    await scheduler.request(submit(upTo(5)));
    const live = await scheduler.read((engine) => stateDigest(engine.state));
    const { last } = await log.range();
    await log.writeSnapshot(last, chunksOf('{"kind":"head","v":99,"nowMs":0,"nextJob":1}'));
    const again = await restore(log, defaultLimits);
    expect(again.snapshotSequence).toBe(0);
    expect(stateDigest(again.engine.state)).toBe(live);
    await log.trim(last);
    await expect(restore(log, defaultLimits)).rejects.toThrow("version 99");
    await scheduler.close();
  });

  test("without a site that the log knows is refused: its jobs would never run", async () => {
    const storage = new MemoryLogStorage();
    const log = new MemoryEventLog(storage);
    const scheduler = await startIn(createWorld(4), log);
    log.kill();
    await scheduler.close();
    await expect(
      startScheduler({
        log: new MemoryEventLog(storage),
        executors: [],
        clock: { now: () => instant(startMs), wakeAt: () => {} },
        reporter: silent,
        limits: defaultLimits,
        retention: { rowsMax: 1_000, ageMax: milliseconds(1_000) },
        sites: [],
      }),
    ).rejects.toThrow('the log knows the site "two-rows"');
  });
});

async function* chunksOf(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}
