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

/** Parts that begin with a placement pass, as what follows a restart does. */
function partsFrom(
  commands: readonly Command[],
  placeEvery: number,
): readonly (readonly Command[])[] {
  const parts: Command[][] = [[]];
  let placeCount = 0;
  for (const command of commands) {
    placeCount += command.kind === "place" ? 1 : 0;
    if (command.kind === "place" && placeCount % placeEvery === 0) {
      parts.push([]);
    }
    parts.at(-1)?.push(command);
  }
  return parts;
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
    const placeEvery = 25;
    let factCount = 0;
    for (const part of partsFrom(commands, placeEvery)) {
      const again = restored(going);
      const marked = afterRestart(part);
      const facts = factsOf(executeAll(going, marked));
      expect(factsOf(executeAll(again, marked))).toEqual(facts);
      factCount += facts.length;
    }
    expect(factCount).toBeGreaterThan(commands.length / 10);
  },
);
