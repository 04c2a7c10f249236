import * as fc from "fast-check";
import { expect, test } from "vitest";
import { describeViolation } from "../oracle/index.ts";
import { brokenPromises } from "../oracle/kept-promises.ts";
import { capSteps } from "./cap-steps.ts";
import { Drive, type DriveOptions } from "./drive.ts";
import { withBudgets } from "./random-budgets.ts";
import { randomRampedSite } from "./random-site.ts";
import { runs } from "./runs.ts";
import { scene } from "./scene.ts";
import { steps } from "./random-steps.ts";
import type { Step } from "./step.ts";

const minuteMs = 60_000;
/** What stops is asked, answers and is confirmed; then others start, which is three stages more. */
const turnsMax = 12;

/** Jobs that come in the course of a day, to sites whose budgets are known. */
function day(sites: fc.Arbitrary<DriveOptions>): fc.Arbitrary<Day> {
  return fc.record({
    options: fc
      .tuple(sites, withBudgets(sites.map((one) => one.sites)))
      .map(([options, all]) => ({ ...options, sites: all, placesAfterEach: true, isLong: true })),
    script: fc
      .tuple(capSteps, steps)
      .map(([some, others]) => [...some, ...others].filter(isSubmit).slice(0, 12)),
    waits: fc.array(fc.constantFrom(0, 1, 5, 30), { minLength: 12, maxLength: 12 }),
    shares: fc.array(fc.constantFrom(0.2, 0.7, 1, 1, 1), { minLength: 5, maxLength: 5 }),
  });
}

interface Day {
  readonly options: DriveOptions;
  readonly script: readonly Step[];
  readonly waits: readonly number[];
  readonly shares: readonly number[];
}

/** One site whose starts wait for ramps, and a second one. */
const rampedScene: fc.Arbitrary<DriveOptions> = scene.chain((options) =>
  fc
    .tuple(...options.sites.map(({ id }) => randomRampedSite(id)))
    .map((sites) => ({ ...options, sites })),
);

function isSubmit(step: Step): step is Extract<Step, { readonly kind: "submit" }> {
  return step.kind === "submit";
}

/** A cluster without faults: it answers at once, and attempts end by themselves or when they are asked. */
function serve(drive: Drive, shares: readonly number[]): void {
  let isBusy = true;
  for (let turn = 0; isBusy && turn < turnsMax; turn += 1) {
    isBusy = false;
    for (const attempt of drive.active()) {
      const {
        job,
        task,
        attempt: count,
        capWatts,
        capOrder,
        startedAtMs,
        endsByMs,
        site,
      } = attempt;
      const share = shares[(job + task) % shares.length] ?? 1;
      const isOver =
        attempt.phase === "stopping" ||
        drive.nowMs >= startedAtMs + share * (endsByMs - startedAtMs);
      const isUnanswered = [...attempt.held].some(
        (node) =>
          (drive.oracle.world.sites.get(site)?.nodes[node]?.possibleCaps.get(attempt)?.length ??
            1) > 1,
      );
      if (drive.oracle.world.attemptOf(attempt) === undefined) {
        continue;
      }
      if (attempt.phase === "starting" || attempt.phase === "exited" || isOver) {
        drive.report(site, drive.nextStage(attempt, "succeeded"));
        isBusy = true;
      } else if (isUnanswered) {
        const key = { job, task, attempt: count };
        drive.report(site, [
          { kind: "cap-applied", attempt: key, nodes: [], capWatts, order: capOrder },
        ]);
        isBusy = true;
      }
    }
    drive.pass();
  }
}

function live(drive: Drive, minutes: number, shares: readonly number[]): void {
  const untilMs = drive.nowMs + minutes * minuteMs;
  while (drive.nowMs < untilMs) {
    const dueMs = drive.engine.nextTickAtMs() ?? Infinity;
    drive.advanceTo(Math.max(drive.nowMs, Math.min(dueMs, drive.nowMs + 5 * minuteMs, untilMs)));
    serve(drive, shares);
  }
}

test.each([
  ["of any kind", scene, 14],
  ["with ramps", rampedScene, 6],
] as const)(
  "where nothing fails and nothing is cut, every promised start is kept on sites %s",
  (_name, sites, count) => {
    let promiseCount = 0;
    let cappedCount = 0;
    fc.assert(
      fc.property(day(sites), ({ options, script, waits, shares }) => {
        const drive = new Drive(options);
        script.forEach((step, at) => {
          drive.run([step]);
          live(drive, waits[at % waits.length] ?? 1, shares);
        });
        live(drive, 300, shares);
        for (const event of drive.entries.flatMap(({ events }) => events)) {
          promiseCount += event.kind === "reservation-made" ? 1 : 0;
          cappedCount += event.kind === "reservation-made" && event.capWatts !== undefined ? 1 : 0;
        }
        expect(drive.violations.map(describeViolation)).toEqual([]);
        expect(brokenPromises(drive.entries, drive.oracle.world)).toEqual([]);
      }),
      runs(count),
    );
    // Else it would promise nothing.
    expect([promiseCount > 40, cappedCount > 4]).toEqual([true, true]);
  },
);
