import type { Event } from "@ertis/scheduler-engine";
import { stateDigest } from "@ertis/scheduler-engine";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { describeViolation } from "../oracle/index.ts";
import { disagreements } from "./agreement.ts";
import { capSteps } from "./cap-steps.ts";
import { Drive } from "./drive.ts";
import { continuedFrom, replayed } from "./histories.ts";
import { runs } from "./runs.ts";
import { scene } from "./scene.ts";

/** How often a kind of event stands in what a drive did. */
function countOf(drive: Drive, kind: Event["kind"]): number {
  return drive.entries.flatMap(({ events }) => events).filter((event) => event.kind === kind)
    .length;
}

test("every promise holds while caps are lowered, acknowledged, lost and raised", () => {
  let orderCount = 0;
  let answerCount = 0;
  let needCount = 0;
  fc.assert(
    fc.property(scene, capSteps, (options, script) => {
      const drive = new Drive({ ...options, placesAfterEach: true });
      drive.run(script);
      orderCount += countOf(drive, "cap-set");
      answerCount += countOf(drive, "cap-acknowledged");
      needCount += countOf(drive, "needs-learned");
      expect([
        ...drive.violations.map(describeViolation),
        ...drive.complaints,
        ...disagreements(drive.engine.state, drive.oracle.world),
      ]).toEqual([]);
    }),
    runs(30),
  );
  // Else it would promise nothing of caps, and of needs.
  expect([orderCount > 20, answerCount > 10, needCount > 2]).toEqual([true, true, true]);
});

test("caps come back from the log and from a snapshot, and go on as before", () => {
  fc.assert(
    fc.property(scene, capSteps, fc.nat({ max: 1000 }), (options, script, pick) => {
      const drive = new Drive({ ...options, placesAfterEach: true });
      drive.run(script);
      const digest = stateDigest(drive.engine.state);
      expect(stateDigest(replayed(options.limits, drive.entries).state)).toBe(digest);
      const cut = pick % drive.commands.length;
      const { unbroken, restarted } = continuedFrom(options.limits, drive.commands, cut);
      expect(restarted).toEqual(unbroken);
    }),
    runs(10),
  );
});
