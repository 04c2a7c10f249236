import { MemoryEventLog, MemoryLogStorage } from "@ertis/event-log";
import { instant, toNumber } from "@ertis/quantities";
import { decodeEntry, defaultLimits, isFinished, jobState } from "@ertis/scheduler-engine";
import type { EventLog } from "@ertis/scheduler-runtime";
import { describe, expect, test } from "vitest";

import { advance, countJobs, createWorld, item, startIn, startMs, submit, upTo } from "./world.ts";

const hourMs = 3_600_000;

/** A log whose appends wait until they are let through. */
function gated(log: EventLog): { log: EventLog; open: () => void; waiting: () => number } {
  const waiting: (() => void)[] = [];
  let isOpen = true;
  return {
    log: {
      append: async (payloads, expected) => {
        if (!isOpen) {
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
        return log.append(payloads, expected);
      },
      read: (after) => log.read(after),
      range: () => log.range(),
      latestSnapshot: () => log.latestSnapshot(),
      writeSnapshot: (sequence, chunks) => log.writeSnapshot(sequence, chunks),
      trim: (sequence) => log.trim(sequence),
      close: () => log.close(),
    },
    open: () => {
      isOpen = true;
      for (const resolve of waiting.splice(0)) {
        resolve();
      }
    },
    waiting: () => {
      isOpen = false;
      return waiting.length;
    },
  };
}

describe("the order of the loop", () => {
  test("nothing is answered and nothing is shown before it is durable", async () => {
    const gate = gated(new MemoryEventLog());
    const scheduler = await startIn(createWorld(1), gate.log);
    expect(gate.waiting()).toBe(0);

    const seen: string[] = [];
    const answer = scheduler.request(submit([1])).then(() => seen.push("answer"));
    const read = countJobs(scheduler).then((count) => seen.push(`read ${count}`));
    scheduler.onCommit(() => seen.push("commit"));
    while (gate.waiting() === 0) {
      await Promise.resolve();
    }
    expect(seen).toEqual([]);

    gate.open();
    await Promise.all([answer, read]);
    expect(seen[0]).toBe("commit");
    expect(seen.toSorted()).toEqual(["answer", "commit", "read 1"]);
    await scheduler.close();
  });

  test("a failed append promises nothing: callers hear so, and a restart has only what is durable", async () => {
    const storage = new MemoryLogStorage();
    const log = new MemoryEventLog(storage);
    const scheduler = await startIn(createWorld(1), log);
    await scheduler.request(submit([1]));
    log.failNextAppend();

    const lost = await scheduler.request(submit([2]));
    expect(lost.kind).toBe("unavailable");
    expect(await scheduler.stopped).toContain("disk");
    expect((await scheduler.request(submit([3]))).kind).toBe("unavailable");

    log.kill();
    const again = await startIn(createWorld(1), new MemoryEventLog(storage));
    expect(await countJobs(again)).toBe(1);
    await again.close();
  });

  test("an answer that was lost is given again to the same request", async () => {
    const storage = new MemoryLogStorage();
    const log = new MemoryEventLog(storage);
    const scheduler = await startIn(createWorld(1), log);
    log.loseNextAnswer();
    expect((await scheduler.request(submit([7]))).kind).toBe("unavailable");
    log.kill();

    const again = await startIn(createWorld(1), new MemoryEventLog(storage));
    expect(await again.request(submit([7]))).toEqual({
      kind: "submitted",
      results: [{ kind: "accepted", job: 1, isRepeat: true }],
    });
    await again.close();
  });

  test("a log that moved stops the scheduler", async () => {
    const log = new MemoryEventLog();
    const scheduler = await startIn(createWorld(1), log);
    const { last } = await log.range();
    await log.append(["someone else was here"], last);
    expect((await scheduler.request(submit([1]))).kind).toBe("unavailable");
    expect(await scheduler.stopped).toContain("another scheduler");
  });

  test("a clock that steps back changes nothing: moments in the log never decrease", async () => {
    let nowMs = startMs;
    const clock = { now: () => instant(nowMs), wakeAt: () => {} };
    const log = new MemoryEventLog();
    const scheduler = await startIn(createWorld(1), log, defaultLimits, clock);
    for (const stepMs of [1_000, -500_000, 2_000, 600_000 - startMs, 1_000]) {
      nowMs += stepMs;
      const reply = await scheduler.request(submit([stepMs > 0 ? stepMs : 1 - stepMs]));
      expect(reply.kind).toBe("submitted");
    }
    const moments: number[] = [];
    for await (const row of log.read(0)) {
      moments.push(toNumber(decodeEntry(row.payload).at));
    }
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));
    expect(moments.at(-1)).toBe(startMs + 1_000);
    await scheduler.close();
  });

  test("the same requests in another grouping: each accepted once", async () => {
    const world = createWorld(2);
    const scheduler = await startIn(world, new MemoryEventLog());
    const [one, two] = await Promise.all([
      scheduler.request(submit([1, 2, 3])),
      scheduler.request(submit([3, 2, 4])),
    ]);
    expect(one).toMatchObject({ results: [{ job: 1 }, { job: 2 }, { job: 3 }] });
    expect(two).toMatchObject({
      results: [
        { job: 3, isRepeat: true },
        { job: 2, isRepeat: true },
        { job: 4, isRepeat: false },
      ],
    });
    await scheduler.close();
  });

  test("a large array is answered before all of it is placed", async () => {
    const log = new MemoryEventLog();
    const scheduler = await startIn(createWorld(4), log);
    const items = [item(1, { taskCount: 1_000, gpusPerNode: 1 })];
    await scheduler.request({ kind: "submit-jobs", owner: "aigerim", items });
    let rows = 0;
    for await (const row of log.read(0)) {
      expect(row.payload.length).toBeLessThan(100_000);
      rows += 1;
    }
    expect(rows).toBeGreaterThan(2);
    await scheduler.close();
  });
});

describe("the whole path on a simulated cluster", () => {
  test("sixty gangs run to their end inside the power tree", async () => {
    const world = createWorld(3);
    const scheduler = await startIn(world, new MemoryEventLog());
    await scheduler.request(submit(upTo(60)));
    await advance(world, 24 * hourMs);
    const states = await scheduler.read((engine) => [...engine.state.jobs.after(0)].map(jobState));
    expect(states).toHaveLength(60);
    expect(states.filter((state) => state !== "succeeded" && state !== "failed")).toEqual([]);
    expect(states).toContain("succeeded");
    expect(world.cluster.violations()).toEqual([]);
    await scheduler.close();
  });

  test("a restart in the middle loses nothing and starts nothing twice", async () => {
    const world = createWorld(5, { nodeFailure: { numerator: 1, denominator: 40 } });
    const storage = new MemoryLogStorage();
    let log = new MemoryEventLog(storage);
    let scheduler = await startIn(world, log);
    await scheduler.request(submit(upTo(80)));
    for (let restart = 0; restart < 5; restart += 1) {
      await advance(world, hourMs);
      log.kill();
      await scheduler.close();
      log = new MemoryEventLog(storage);
      scheduler = await startIn(world, log);
    }
    await advance(world, 72 * hourMs);
    const unfinished = await scheduler.read((engine) =>
      [...engine.state.jobs.after(0)].filter((job) => !isFinished(job)).map((job) => job.number),
    );
    expect(unfinished).toEqual([]);
    expect(world.cluster.violations()).toEqual([]);
    await scheduler.close();
  });
});
