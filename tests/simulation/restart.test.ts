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

/**
 * What a snapshot leaves out shows in what is decided afterwards, not in its digest, which is made of
 * the snapshot itself. Pauses, preemptions and promises of jobs with less than their walltime left
 * need long histories: these have them.
 */
test.each([1, 2, 3, 4, 5, 6])(
  "after a restart at any moment, seed %i goes on as it did",
  (seed) => {
    const { limits, commands } = commandsOf(seed);
    const going = new Engine(limits);
    const partCount = 40;
    const partSize = Math.ceil(commands.length / partCount);
    let factCount = 0;
    for (let from = 0; from < commands.length; from += partSize) {
      const again = restored(going);
      const part = afterRestart(commands.slice(from, from + partSize));
      const facts = factsOf(executeAll(going, part));
      expect(factsOf(executeAll(again, part))).toEqual(facts);
      factCount += facts.length;
    }
    expect(factCount).toBeGreaterThan(commands.length / 10);
  },
);
