import * as fc from "fast-check";
import { expect, test } from "vitest";
import { describeViolation } from "../oracle/index.ts";
import { disagreements } from "./agreement.ts";
import { capSteps } from "./cap-steps.ts";
import { Drive, type DriveOptions } from "./drive.ts";
import { continuedFrom } from "./histories.ts";
import { withBudgets } from "./random-budgets.ts";
import { runs } from "./runs.ts";
import { scene } from "./scene.ts";
import { steps } from "./random-steps.ts";

const seasons: fc.Arbitrary<DriveOptions> = fc
  .tuple(scene, withBudgets(scene.map(({ sites }) => sites)))
  .map(([options, sites]) => ({ ...options, sites }));

test("budgets of site files are kept in every history", () => {
  let budgetCount = 0;
  fc.assert(
    fc.property(seasons, fc.oneof(capSteps, steps), (options, script) => {
      const drive = new Drive(options);
      drive.run(script);
      for (const { site } of drive.engine.state.sites.values()) {
        budgetCount += site.budgets.length;
      }
      expect([
        ...drive.violations.map(describeViolation),
        ...drive.complaints,
        ...disagreements(drive.engine.state, drive.oracle.world),
      ]).toEqual([]);
    }),
    runs(20),
  );
  // Else it would promise nothing of them.
  expect(budgetCount).toBeGreaterThan(40);
});

test("budgets of site files come back with a snapshot", () => {
  fc.assert(
    fc.property(seasons, steps, fc.nat({ max: 1000 }), (options, script, pick) => {
      const drive = new Drive(options);
      drive.run(script);
      const cut = pick % drive.commands.length;
      const { unbroken, restarted } = continuedFrom(options.limits, drive.commands, cut);
      expect(restarted).toEqual(unbroken);
    }),
    runs(8),
  );
});
