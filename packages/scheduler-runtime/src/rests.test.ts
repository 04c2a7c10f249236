import { instant } from "@ertis/quantities";
import { Engine, type Decision, type Command } from "@ertis/scheduler-engine";
import { expect, test } from "vitest";
import { WriterLoop } from "./writer-loop.ts";

const startMs = 1_800_000_000_000;

/** One that finds something to do after all that it has done, until it is mended. */
class Circling extends Engine {
  isMended = false;
  passCount = 0;

  override get needsPass(): boolean {
    return !this.isMended;
  }

  override execute(command: Command): Decision {
    this.passCount += command.kind === "place" ? 1 : 0;
    return super.execute(command);
  }
}

function circle() {
  const engine = new Circling();
  const warnings: string[] = [];
  const clock = { nowMs: startMs, wakesAtMs: Infinity, wake: (): void => {} };
  const loop = new WriterLoop({
    engine,
    sequence: 0,
    log: {
      append: (payloads, after) =>
        Promise.resolve({ kind: "appended", sequence: after + payloads.length }),
    },
    clock: {
      now: () => instant(clock.nowMs),
      wakeAt: (moment, wake) => Object.assign(clock, { wakesAtMs: Number(moment), wake }),
    },
    stopwatch: () => 0,
    executors: [],
    reporter: { info: () => {}, warn: (message) => warnings.push(message) },
    onCommitted: () => {},
    onStopped: () => {},
  });
  return { engine, clock, loop, warnings };
}

test("an engine that does not come to rest is slowed down and says so; commands and reads go on", async () => {
  const { engine, clock, loop, warnings } = circle();
  await loop.quiet();
  const { passCount } = engine;
  expect(passCount).toBeLessThanOrEqual(10_000);
  expect(warnings).toHaveLength(1);
  expect(clock.wakesAtMs).toBe(startMs + 1000);

  expect(await loop.read(({ state }) => state.nowMs)).toBe(startMs);
  const reply = await loop.request({ kind: "measure", site: "none", domains: [], attempts: [] });
  expect(reply.kind).not.toBe("unavailable");
  await loop.quiet();
  expect(engine.passCount).toBeLessThanOrEqual(passCount + 2);
  expect(warnings).toHaveLength(1);
});

test("it works at its full pace again as soon as it comes to rest", async () => {
  const { engine, clock, loop } = circle();
  await loop.quiet();
  clock.nowMs = clock.wakesAtMs;
  engine.isMended = true;
  clock.wake();
  await loop.read(() => 0);
  await loop.quiet();
  engine.isMended = false;
  const { passCount } = engine;
  await loop.read(() => 0);
  await loop.quiet();
  expect(engine.passCount - passCount).toBeGreaterThan(1000);
});
