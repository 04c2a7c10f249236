import { type Command, Engine } from "@ertis/scheduler-engine";
import { afterEach, expect, test, vi } from "vitest";
import { afterRestart, executeAll, factsOf, restored } from "../properties/histories.ts";
import { randomRun } from "./random-run.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Every command of a random run, and the limits that its engine had. */
function commandsOf(seed: number): {
  readonly limits: Engine["limits"];
  readonly commands: readonly Command[];
} {
  const execute = vi.spyOn(Engine.prototype, "execute");
  randomRun(seed, 100);
  const commands = execute.mock.calls.map(([command]) => command);
  const [engine] = execute.mock.contexts;
  vi.restoreAllMocks();
  if (!(engine instanceof Engine)) {
    throw new Error("the run gave its engine no command");
  }
  return { limits: engine.limits, commands };
}

/** Parts that begin with any command, every other one of them with a measurement where there is one. */
function partsFrom(
  commands: readonly Command[],
  partCount: number,
): readonly (readonly Command[])[] {
  const length = Math.ceil(commands.length / partCount);
  const cuts = Array.from({ length: partCount }, (_, part) => {
    const at = part * length;
    const measured = commands.slice(at).findIndex(({ kind }) => kind === "measure");
    return part % 2 === 1 && measured > 0 && measured < length ? at + measured : at;
  });
  return cuts.map((from, part) => commands.slice(from, cuts[part + 1]));
}

/**
 * What a snapshot leaves out shows in what is decided afterwards, not in its digest, which is made of
 * the snapshot itself. Pauses, preemptions and promises of jobs with less than their walltime left
 * need long histories: these have them.
 */
test.each([
  ...[1, 2, 3, 4, 5, 6].map((seed) => [seed, 80] as const),
  // Needs are learned in twenty minutes: where a restart comes less often, there is something to forget.
  [23, 6] as const,
])("after a restart at any moment, seed %i goes on as it did", (seed, partCount) => {
  const { limits, commands } = commandsOf(seed);
  const going = new Engine(limits);
  let factCount = 0;
  const parts = partsFrom(commands, partCount);
  expect(new Set(parts.map(([first]) => first?.kind))).toContain("measure");
  for (const part of parts) {
    const again = restored(going);
    const marked = afterRestart(part);
    const facts = factsOf(executeAll(going, marked));
    expect(factsOf(executeAll(again, marked))).toEqual(facts);
    factCount += facts.length;
  }
  expect(factCount).toBeGreaterThan(commands.length / 10);
});
