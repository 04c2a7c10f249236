import { instant } from "@ertis/quantities";
import { expect, test } from "vitest";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { Promises } from "./promises.ts";

test("at the end of a run, promises of past moments are broken and later ones still to come", () => {
  const reports: string[] = [];
  const promises = new Promises(
    () => undefined,
    (property) => reports.push(property),
  );
  promises.observe({ kind: "reservation-made", job: 1, startAt: instant(1_000) } as never, 0);
  promises.observe({ kind: "reservation-made", job: 2, startAt: instant(9_000) } as never, 0);
  promises.finish(5_000);
  expect(reports).toEqual(["promised-start"]);
  expect(promises.score()).toMatchObject({ promisedCount: 2, brokenCount: 1, openCount: 1 });
});

test("a promise that a higher class takes over is no broken one, one that an equal takes over is", () => {
  const brokenAfter = (other: SimulatedJob["priorityClass"], accounts: number): number => {
    const promises = new Promises(
      (job) => ({ priorityClass: job === 1 ? "normal" : other }) as SimulatedJob,
      () => {},
    );
    const kept = { kind: "reservation-made", site: "t", gpuModel: "A" };
    promises.observe(
      { kind: "accounts-set", accounts: Array.from({ length: accounts }) } as never,
      0,
    );
    promises.observe({ ...kept, job: 1, startAt: instant(1_000) } as never, 0);
    promises.observe({ ...kept, job: 2, startAt: instant(9_000) } as never, 1);
    promises.observe({ kind: "attempt-started", attempt: { job: 1 } } as never, 5_000);
    return promises.score().brokenCount;
  };
  expect([brokenAfter("high", 0), brokenAfter("normal", 0), brokenAfter("normal", 1)]).toEqual([
    0, 1, 0,
  ]);
});

test("a promise that is made beside another takes nothing over: both are to be kept", () => {
  const brokenAfter = (beside: object): number => {
    const promises = new Promises(
      (job) => ({ priorityClass: job === 1 ? "normal" : "high" }) as SimulatedJob,
      () => {},
    );
    const kept = { kind: "reservation-made", site: "t", gpuModel: "A" };
    promises.observe({ ...kept, job: 1, startAt: instant(1_000) } as never, 0);
    promises.observe({ ...kept, job: 2, startAt: instant(9_000), ...beside } as never, 1);
    promises.observe({ kind: "attempt-started", attempt: { job: 1 } } as never, 5_000);
    return promises.score().brokenCount;
  };
  expect([brokenAfter({ isBeside: true }), brokenAfter({})]).toEqual([1, 0]);
});
