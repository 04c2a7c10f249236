import { instant, milliseconds, watts } from "@ertis/quantities";
import { defaultLimits, type Observation } from "@ertis/scheduler-engine";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { describeViolation } from "../oracle/index.ts";
import type { AttemptRecord } from "../oracle/job-record.ts";
import { wish } from "./cap-steps.ts";
import { Drive } from "./drive.ts";
import { randomRampedSite } from "./random-site.ts";
import { runs } from "./runs.ts";

const secondMs = 1_000;
const minuteMs = 60_000;
const hours = 2;

/** Nodes that answer: caps within a second, stops after some seconds of their grace; and meters. */
class Answering extends Drive {
  readonly #stoppingSince = new Map<AttemptRecord, number>();
  /** Stops of ends that were known, with the cap they came from. */
  knownEndCount = 0;
  /** Curtailments that were accepted. */
  curtailmentCount = 0;

  answer(stopSeconds: number): void {
    for (const attempt of this.active()) {
      const { phase, capWatts, capOrder: order } = attempt;
      const key = { job: attempt.job, task: attempt.task, attempt: attempt.attempt };
      if (phase === "starting") {
        this.#report(attempt, { kind: "attempt-running", attempt: key });
      }
      if (order > 0 && phase !== "stopping") {
        this.#report(attempt, { kind: "cap-applied", attempt: key, nodes: [], capWatts, order });
      }
      if (phase === "stopping") {
        const since = this.#stoppingSince.get(attempt) ?? this.nowMs;
        this.#stoppingSince.set(attempt, since);
        if (this.nowMs >= since + stopSeconds * secondMs) {
          this.knownEndCount += attempt.stopReason === "preemption" ? 0 : 1;
          const outcome = { kind: "failed", category: "walltime", exitCode: 143 } as const;
          this.#report(
            attempt,
            { kind: "checkpointed", attempt: key },
            { kind: "attempt-exited", attempt: key, outcome },
            { kind: "stop-confirmed", attempt: key, nodes: [] },
          );
        }
      }
    }
  }

  /** GPUs draw a little less than they may. */
  measure(site: string): void {
    const book = this.oracle.world.sites.get(site);
    if (book === undefined) {
      return;
    }
    const attempts = this.active()
      .filter((attempt) => attempt.site === site && attempt.held.size > 0)
      .map((attempt) => {
        let drawn = 0;
        for (const node of attempt.held) {
          drawn += book.ledger.nodeWatts(node) * 0.97;
        }
        const { job, task, attempt: number } = attempt;
        return { attempt: { job, task, attempt: number }, watts: Math.floor(drawn) };
      });
    const domains = book.site.domains.map(({ index }) => ({
      domain: index,
      watts: Math.floor(book.ledger.loadWatts(index) * 0.97),
    }));
    this.execute({ kind: "measure", at: this.at(), site, domains, attempts });
  }

  #report({ site }: AttemptRecord, ...observations: readonly Observation[]): void {
    this.execute({ kind: "report", at: this.at(), site, observations });
  }
}

interface Story {
  readonly submits: readonly { readonly atMinute: number; readonly wish: SubmitWish }[];
  readonly drains: readonly {
    readonly atMinute: number;
    readonly node: number;
    readonly inMinutes: number;
  }[];
  readonly curtailment:
    | { readonly atMinute: number; readonly inMinutes: number; readonly percent: number }
    | undefined;
  readonly stopSeconds: number;
}

type SubmitWish = typeof wish extends fc.Arbitrary<infer Wish> ? Wish : never;

/** Gangs that bend, of one task, few enough that most of them run at once. */
const bending: fc.Arbitrary<SubmitWish> = fc
  .tuple(wish, fc.constantFrom(20, 30, 40))
  .map(([one, walltimeMinutes]) => ({
    ...one,
    walltimeMinutes,
    walltimePercent: 100,
    nodesLess: 0,
    taskCount: 1,
    capMinWatts: 0,
    priorityClass: "normal",
    flexibilityTier: 50,
  }));

const story: fc.Arbitrary<Story> = fc.record({
  submits: fc.array(fc.record({ atMinute: fc.nat({ max: 40 }), wish: bending }), {
    minLength: 3,
    maxLength: 6,
  }),
  drains: fc.array(
    fc.record({
      atMinute: fc.integer({ min: 5, max: 60 }),
      node: fc.nat({ max: 5 }),
      inMinutes: fc.integer({ min: 1, max: 30 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  curtailment: fc.option(
    fc.record({
      atMinute: fc.integer({ min: 10, max: 60 }),
      inMinutes: fc.integer({ min: 5, max: 30 }),
      percent: fc.integer({ min: 50, max: 95 }),
    }),
    { nil: undefined },
  ),
  stopSeconds: fc.constantFrom(0, 5, 25, 55),
});

function live(
  drive: Answering,
  site: string,
  { submits, drains, curtailment, stopSeconds }: Story,
): void {
  const startMs = drive.nowMs;
  for (let minute = 0; minute < hours * 60; minute += 1) {
    const wishes = submits.filter((one) => one.atMinute === minute).map((one) => one.wish);
    if (wishes.length > 0) {
      drive.run([{ kind: "submit", owner: "aliya", wishes }]);
    }
    for (const drain of drains.filter((one) => one.atMinute === minute)) {
      drive.execute({
        kind: "drain-nodes",
        at: drive.at(),
        by: "olga",
        reason: "firmware",
        site,
        nodes: [drain.node % (drive.oracle.world.sites.get(site)?.nodes.length ?? 1)],
        deadline: instant(drive.nowMs + drain.inMinutes * minuteMs),
        thenDo: "requeue",
      });
    }
    if (curtailment?.atMinute === minute) {
      curtail(drive, site, curtailment);
    }
    for (let second = 1; second <= 60; second += 1) {
      drive.advanceTo(startMs + (minute * 60 + second) * secondMs);
      drive.answer(stopSeconds);
      drive.pass();
      if (second % 10 === 0) {
        drive.measure(site);
        drive.pass();
      }
    }
  }
}

function curtail(
  drive: Answering,
  site: string,
  { inMinutes, percent }: NonNullable<Story["curtailment"]>,
): void {
  const loadWatts = drive.oracle.world.sites.get(site)?.ledger.loadWatts(0) ?? 0;
  const start = drive.nowMs + inMinutes * minuteMs;
  const { reply } = drive.execute({
    kind: "schedule-curtailment",
    at: drive.at(),
    by: "olga",
    curtailment: {
      id: "evening",
      site,
      domain: site,
      mode: "planned",
      target: watts(Math.floor((loadWatts * percent) / 100)),
      baseline: watts(loadWatts),
      start: instant(start),
      end: instant(start + 20 * minuteMs),
      ramp: milliseconds(0),
      reason: "grid",
      setBy: "olga",
      noticedAt: drive.at(),
    },
  });
  drive.curtailmentCount += reply.kind === "rejected" ? 0 : 1;
}

test("where nodes answer, walltimes, drains and planned curtailments keep every ramp both ways", () => {
  let endCount = 0;
  let curtailmentCount = 0;
  fc.assert(
    fc.property(randomRampedSite("north"), story, (site, told) => {
      const drive = new Answering({
        limits: defaultLimits,
        sites: [site],
        placesAfterEach: true,
        isLong: true,
      });
      live(drive, "north", told);
      const broken = drive.violations.filter(({ property }) => property === "ramp");
      expect(broken.map(describeViolation)).toEqual([]);
      endCount += drive.knownEndCount;
      curtailmentCount += drive.curtailmentCount;
    }),
    runs(4),
  );
  // Else it said nothing.
  expect(endCount).toBeGreaterThan(5);
  expect(curtailmentCount).toBeGreaterThan(0);
});
