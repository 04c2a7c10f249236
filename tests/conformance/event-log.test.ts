import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  LogClosed,
  LogTrimmed,
  MemoryEventLog,
  MemoryLogStorage,
  openSqliteEventLog,
} from "@ertis/event-log";
import type { EventLog } from "@ertis/scheduler-runtime";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { chunksOf, collect, commandsArbitrary, LogModel, textsOf } from "./event-log-model.ts";

/** One store that can be opened again and again; the caller closes what it opened. */
interface Store {
  open(): Promise<EventLog>;
  dispose(): Promise<void>;
}

interface Twin {
  readonly name: string;
  readonly propertyRuns: number;
  readonly make: () => Promise<Store>;
}

const twins: readonly Twin[] = [
  {
    name: "memory",
    propertyRuns: 200,
    make() {
      const storage = new MemoryLogStorage();
      return Promise.resolve({
        open: () => Promise.resolve(new MemoryEventLog(storage)),
        dispose: () => Promise.resolve(),
      });
    },
  },
  {
    name: "sqlite",
    propertyRuns: 25,
    async make() {
      const directory = await mkdtemp(join(tmpdir(), "ertis-log-"));
      return {
        open: () => openSqliteEventLog({ directory }),
        dispose: () => rm(directory, { recursive: true, force: true }),
      };
    },
  },
];

describe.each(twins)("event log in $name", ({ make, propertyRuns }) => {
  let store: Store;
  let log: EventLog;

  beforeEach(async () => {
    store = await make();
    log = await store.open();
  });

  afterEach(async () => {
    await log.close();
    await store.dispose();
  });

  test("starts empty", async () => {
    expect(await log.range()).toEqual({ first: 1, last: 0 });
    expect(await collect(log.read(0))).toEqual([]);
    expect(await log.latestSnapshot()).toBeUndefined();
  });

  test("keeps rows in order and tells the last sequence", async () => {
    expect(await log.append(["a", "b"], 0)).toEqual({ kind: "appended", sequence: 2 });
    expect(await log.append(["c"], 2)).toEqual({ kind: "appended", sequence: 3 });
    expect(await collect(log.read(1))).toEqual([
      { sequence: 2, payload: "b" },
      { sequence: 3, payload: "c" },
    ]);
    expect(await log.range()).toEqual({ first: 1, last: 3 });
  });

  test("an append of nothing still compares the sequence", async () => {
    await log.append(["a"], 0);
    expect(await log.append([], 1)).toEqual({ kind: "appended", sequence: 1 });
    expect(await log.append([], 0)).toMatchObject({ kind: "log-conflict" });
  });

  test.each([0, 2, 99])("an append that expects %i refuses and keeps nothing", async (expected) => {
    await log.append(["a"], 0);
    expect(await log.append(["b", "c"], expected)).toEqual({
      kind: "log-conflict",
      expectedSequence: expected,
      foundSequence: 1,
    });
    expect(await textsOf(log)).toEqual(["a"]);
  });

  test("appends queued without waiting are kept where they chain, refused where not", async () => {
    const outcomes = await Promise.all([
      log.append(["a"], 0),
      log.append(["b", "c"], 1),
      log.append(["lost"], 1),
      log.append(["d"], 3),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      "appended",
      "appended",
      "log-conflict",
      "appended",
    ]);
    expect(await textsOf(log)).toEqual(["a", "b", "c", "d"]);
  });

  test("one payload that cannot be stored keeps back its whole append, and no other", async () => {
    const good = log.append(["a"], 0);
    const bad = log.append(["b", "\u{d800}", "c"], 1);
    const next = log.append(["d"], 1);
    await expect(bad).rejects.toThrow("lone surrogate");
    expect(await good).toMatchObject({ kind: "appended" });
    expect(await next).toMatchObject({ kind: "appended" });
    expect(await textsOf(log)).toEqual(["a", "d"]);
  });

  test("payloads come back exactly: empty, NUL, Kazakh, emoji, a megabyte", async () => {
    const payloads = ["", "\0", "a\0b", "Ертіс өзені", "⚡️🏭", `{"қ":"${"ә".repeat(1 << 20)}"}`];
    await log.append(payloads, 0);
    expect(await textsOf(log)).toEqual(payloads);
  });

  test("a long log is read in order, and a reader may stop early", async () => {
    const payloads = Array.from({ length: 20_000 }, (_, index) => `row ${String(index + 1)}`);
    await log.append(payloads, 0);
    let count = 0;
    for await (const row of log.read(0)) {
      if (row.sequence === 6_000) {
        break;
      }
    }
    for await (const row of log.read(5)) {
      expect(row.payload).toBe(`row ${String(row.sequence)}`);
      count += 1;
    }
    expect(count).toBe(19_995);
  });

  test("a snapshot is visible once complete, and the greatest sequence wins", async () => {
    await log.append(["a", "b", "c"], 0);
    await log.writeSnapshot(2, chunksOf("two", "parts"));
    await log.writeSnapshot(1, chunksOf("older"));
    const snapshot = await log.latestSnapshot();
    expect(snapshot?.sequence).toBe(2);
    expect(await collect(snapshot?.chunks() ?? [])).toEqual(["two", "parts"]);
    await log.writeSnapshot(2, chunksOf());
    expect(await collect((await log.latestSnapshot())?.chunks() ?? ["?"])).toEqual([]);
  });

  test("a snapshot that fails half-way leaves the one before it in charge", async () => {
    await log.append(["a", "b"], 0);
    await log.writeSnapshot(1, chunksOf("whole"));
    await expect(log.writeSnapshot(2, breaksAfter("half"))).rejects.toThrow("broke off");
    expect((await log.latestSnapshot())?.sequence).toBe(1);
  });

  test("a snapshot being written is invisible, and appends go on beside it", async () => {
    await log.append(["a"], 0);
    async function* slow(): AsyncGenerator<string> {
      yield "first";
      expect(await log.latestSnapshot()).toBeUndefined();
      expect(await log.append(["b"], 1)).toMatchObject({ kind: "appended" });
      yield "second";
    }
    await log.writeSnapshot(1, slow());
    expect(await collect((await log.latestSnapshot())?.chunks() ?? [])).toEqual([
      "first",
      "second",
    ]);
  });

  test("a snapshot of rows that do not exist is refused", async () => {
    await expect(log.writeSnapshot(1, chunksOf("future"))).rejects.toThrow(RangeError);
  });

  test("trim without a snapshot drops nothing", async () => {
    await log.append(["a", "b"], 0);
    await log.trim(2);
    expect(await log.range()).toEqual({ first: 1, last: 2 });
  });

  test("trim stops at the newest snapshot; reading what is gone says where to start", async () => {
    await log.append(["a", "b", "c", "d"], 0);
    await log.writeSnapshot(1, chunksOf("older"));
    await log.writeSnapshot(3, chunksOf("newest"));
    await log.trim(99);
    expect(await log.range()).toEqual({ first: 4, last: 4 });
    expect(await textsOf(log)).toEqual(["d"]);
    const gone = collect(log.read(1));
    await expect(gone).rejects.toThrow(LogTrimmed);
    await expect(gone).rejects.toMatchObject({ kind: "log-trimmed", first: 4 });
    await log.trim(2);
    expect(await log.range()).toEqual({ first: 4, last: 4 });
  });

  test("a log trimmed to its very end goes on where it stopped, also after a restart", async () => {
    await log.append(["a", "b"], 0);
    await log.writeSnapshot(2, chunksOf("all"));
    await log.trim(2);
    expect(await log.range()).toEqual({ first: 3, last: 2 });
    await log.close();
    log = await store.open();
    expect(await log.append(["c"], 2)).toEqual({ kind: "appended", sequence: 3 });
    expect(await collect(log.read(2))).toEqual([{ sequence: 3, payload: "c" }]);
  });

  test("a second opening is refused while the first is open", async () => {
    await expect(openTwice(store)).rejects.toMatchObject({ kind: "log-locked" });
    await log.append(["still mine"], 0);
  });

  test("after close everything is refused, and closing again is harmless", async () => {
    await log.close();
    await log.close();
    await expect(log.append(["a"], 0)).rejects.toThrow(LogClosed);
    await expect(log.range()).rejects.toThrow(LogClosed);
    await expect(collect(log.read(0))).rejects.toThrow(LogClosed);
  });

  test("any history of commands and restarts gives what a list in memory gives", async () => {
    await fc.assert(
      fc.asyncProperty(commandsArbitrary, async (commands) => {
        const own = await make();
        const model = new LogModel();
        let opened = await own.open();
        try {
          for (const command of commands) {
            if (command.kind === "reopen") {
              await opened.close();
              opened = await own.open();
            } else {
              await model.check(opened, command);
            }
          }
        } finally {
          await opened.close();
          await own.dispose();
        }
      }),
      { numRuns: propertyRuns, seed: 20_261_125 },
    );
  });
});

async function openTwice(store: Store): Promise<EventLog> {
  const second = await store.open();
  await second.close();
  return second;
}

async function* breaksAfter(chunk: string): AsyncGenerator<string> {
  yield chunk;
  throw new Error("the state broke off");
}
