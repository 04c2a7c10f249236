import { defaultLimits, stopGraceMs } from "@ertis/scheduler-engine";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { describeViolation } from "../oracle/index.ts";
import { Drive } from "./drive.ts";
import { randomSite } from "./random-site.ts";
import { runs } from "./runs.ts";
import { scene } from "./scene.ts";
import { steps } from "./random-steps.ts";
import type { Step, SubmitWish } from "./step.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Everything is well again: nodes are repaired, cordons and budgets lifted, holds released. */
function heal(drive: Drive): void {
  const at = drive.at();
  for (const [id, book] of drive.oracle.world.sites) {
    book.nodes.forEach((node, index) => {
      if (node.isLost) {
        drive.report(id, [{ kind: "node-powered-off", node: index }]);
      }
    });
    for (const budget of book.budgets.keys()) {
      drive.execute({ kind: "remove-budget", at, by: "olga", reason: "healed", id: budget });
    }
    const nodes = book.nodes.map((_, index) => index);
    drive.execute({ kind: "uncordon-nodes", at, by: "olga", reason: "healed", site: id, nodes });
  }
  const held = [...drive.oracle.world.jobs.values()].filter((job) => job.isHeld);
  drive.execute({
    kind: "release-jobs",
    at,
    by: { person: "olga", mayActForOthers: true },
    jobs: held.map((job) => job.number),
    reason: "healed",
  });
}

/** An honest cluster: nodes ask to come back, every attempt starts, runs and ends within the turn. */
function serve(drive: Drive): void {
  for (const [id, book] of drive.oracle.world.sites) {
    const off = book.nodes.flatMap((node, index) => (node.isOff ? [index] : []));
    drive.report(
      id,
      off.map((node) => ({ kind: "node-ready", node })),
    );
  }
  for (let stage = 0; stage < 3; stage += 1) {
    for (const attempt of drive.active()) {
      const observations = drive.nextStage(attempt, "succeeded");
      if (observations.length > 0) {
        drive.report(attempt.site, observations);
      }
    }
  }
}

function unfinished(drive: Drive): readonly string[] {
  return [...drive.oracle.world.jobs.values()]
    .filter((job) => job.finishedAtMs === undefined)
    .map((job) => `job ${job.number}, ${job.pendingCount} tasks pending`);
}

test("when faults stop, every job ends within two virtual days", () => {
  fc.assert(
    fc.property(scene, steps, (options, script) => {
      const drive = new Drive(options);
      // An edited file may have made a job impossible that once fitted.
      drive.run(script.filter((step) => step.kind !== "edit-site"));
      heal(drive);
      for (let turn = 0; turn < 96 && unfinished(drive).length > 0; turn += 1) {
        drive.pass();
        serve(drive);
        drive.advanceTo(drive.nowMs + hourMs / 2);
      }
      expect(drive.violations.map(describeViolation)).toEqual([]);
      expect(unfinished(drive)).toEqual([]);
    }),
    runs(8),
  );
});

const gangWish = {
  gpusPerNode: 1,
  gpuModel: "alpha",
  sitePick: 1,
  walltimeMinutes: 30,
  priorityClass: "normal",
  beginInMinutes: undefined,
  dependencies: [],
  taskCount: 1,
  taskThrottle: 0,
  maxRetries: 0,
  isHeld: false,
  flexibilityTier: 0,
  workloadClass: "",
  capMinWatts: 0,
  nodesLess: 0,
  walltimePercent: 100,
  hasCheckpoint: false,
  repeat: undefined,
} satisfies Partial<SubmitWish>;

function submitted(drive: Drive, wish: SubmitWish): number | undefined {
  const before = drive.oracle.world.nextJob;
  drive.run([{ kind: "submit", owner: "aliya", wishes: [wish] } satisfies Step]);
  return drive.oracle.world.nextJob > before ? before : undefined;
}

/** Attempts that ended or were told to are gone within the turn, as in a cluster that answers. */
function endAllDue(drive: Drive): void {
  for (let stage = 0; stage < 2; stage += 1) {
    for (const attempt of drive.active()) {
      if (attempt.phase === "stopping" || attempt.phase === "exited") {
        drive.report(attempt.site, drive.nextStage(attempt, "application"));
      }
    }
  }
}

test("a gang that heads its queue starts within the longest remaining walltime, whatever arrives", () => {
  let gangCount = 0;
  fc.assert(
    fc.property(
      randomSite("north"),
      fc.array(fc.constantFrom(1, 3, 10, 30, 60, 120), { minLength: 60, maxLength: 60 }),
      fc.integer({ min: 2, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      (site, walltimes, nodeCount, gpusPerNode) => {
        const drive = new Drive({
          limits: defaultLimits,
          sites: [site],
          placesAfterEach: true,
          isLong: true,
        });
        let arrivals = 0;
        const arrive = (): void => {
          const walltimeMinutes = walltimes[arrivals % walltimes.length] ?? 1;
          arrivals += 1;
          submitted(drive, { ...gangWish, nodeCount: 1, walltimeMinutes });
        };
        // Fill the site before the gang comes.
        for (let count = 0; count < 40; count += 1) {
          arrive();
        }
        const gang = submitted(drive, { ...gangWish, nodeCount, gpusPerNode });
        if (gang === undefined) {
          return;
        }
        gangCount += 1;
        const isWaiting = (): boolean => drive.oracle.world.jobs.get(gang)?.pendingCount === 1;
        // It heads the queue once nothing of its class stands before it any more.
        const heads = (): boolean =>
          ![...drive.oracle.world.jobs.values()].some(
            (job) => job.number < gang && job.pendingCount > 0,
          );
        let deadlineMs = Infinity;
        while (isWaiting() && drive.nowMs < deadlineMs) {
          if (deadlineMs === Infinity && heads()) {
            const ends = [...drive.oracle.world.running].map((one) => one.endsByMs);
            deadlineMs = Math.max(drive.nowMs, ...ends) + stopGraceMs + minuteMs;
          }
          arrive();
          drive.advanceTo(drive.nowMs + minuteMs / 2);
          endAllDue(drive);
          drive.pass();
        }
        expect(
          isWaiting() ? `gang ${gang} waits beyond ${deadlineMs}, now ${drive.nowMs}` : "started",
        ).toBe("started");
        expect(drive.violations.map(describeViolation)).toEqual([]);
      },
    ),
    runs(10),
  );
  expect(gangCount).toBeGreaterThan(2);
});
