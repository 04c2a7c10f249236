import { Engine, stateDigest } from "@ertis/scheduler-engine";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { describeViolation } from "../oracle/index.ts";
import { disagreements } from "./agreement.ts";
import { Drive } from "./drive.ts";
import { continuedFrom, executeAll, factsOf, oneByOne, replayed } from "./histories.ts";
import { runs } from "./runs.ts";
import { scene } from "./scene.ts";
import { steps } from "./random-steps.ts";

test("every promise holds in every history, and the engine agrees with the oracle", () => {
  fc.assert(
    fc.property(scene, steps, (options, script) => {
      const drive = new Drive(options);
      drive.run(script);
      expect([
        ...drive.violations.map(describeViolation),
        ...drive.complaints,
        ...disagreements(drive.engine.state, drive.oracle.world),
      ]).toEqual([]);
    }),
    runs(25),
  );
});

/**
 * All commands, not only those of the log: a pass without events is not written, yet it looked at the
 * queue, and one that looks later may promise a start that the earlier one could not find.
 */
test("a log gives the state back, and the commands give the same log for any grouping", () => {
  fc.assert(
    fc.property(scene, steps, (options, script) => {
      const drive = new Drive(options);
      drive.run(script);
      const digest = stateDigest(drive.engine.state);
      expect(stateDigest(replayed(options.limits, drive.entries).state)).toBe(digest);

      const again = new Engine(options.limits);
      const facts = factsOf(drive.entries);
      expect(factsOf(executeAll(again, drive.commands))).toEqual(facts);
      expect(stateDigest(again.state)).toBe(digest);

      const apart = new Engine(options.limits);
      expect(factsOf(executeAll(apart, oneByOne(drive.commands, drive.entries)))).toEqual(facts);
    }),
    runs(12),
  );
});

test("an engine restored from a snapshot goes on as if nothing had happened", () => {
  fc.assert(
    fc.property(scene, steps, fc.nat({ max: 1000 }), (options, script, pick) => {
      const drive = new Drive(options);
      drive.run(script);
      const cut = pick % drive.commands.length;
      const { unbroken, restarted } = continuedFrom(options.limits, drive.commands, cut);
      expect(restarted).toEqual(unbroken);
    }),
    runs(12),
  );
});
