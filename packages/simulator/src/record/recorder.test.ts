import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BudgetCheck } from "../check/budget-check.ts";
import { SiteBook } from "../check/site-book.ts";
import { anyJob, keyOf, started } from "../check/test-checks.ts";
import { Plant } from "../plant/plant.ts";
import { usualPlant } from "../plant/plant-rules.ts";
import { exampleFiles } from "../run/examples.ts";
import { openSite } from "../run/open-site.ts";
import { createJobRecord } from "./job-record.ts";
import { Recorder } from "./recorder.ts";

function createRecorder(): Recorder {
  const opened = openSite("hall.yaml", readFileSync(exampleFiles.site, "utf8"));
  if (opened.kind === "errors") {
    throw new Error("the example's site is broken");
  }
  const { site } = opened;
  const book = new SiteBook(site);
  const jobOf = (): undefined => undefined;
  const rules = usualPlant;
  const plant = new Plant({ site, rules, seed: 1, startMs: 0, jobOf, pointsFor: () => undefined });
  const budgets = new BudgetCheck(book, () => {});
  return new Recorder({ site, startMs: 0, book, budgets, plant, jobOf });
}

test("GPUs that are held are those of nodes that a job runs on, whatever it asks for", () => {
  const recorder = createRecorder();
  recorder.jobs.set(1, createJobRecord({ ...anyJob, nodeCount: 6 }, 0));
  recorder.observe(started(keyOf(1), [0, 1, 2, 3, 4, 5]), 0);
  recorder.passTo(1_000);
  recorder.observe(
    {
      kind: "attempt-exited",
      attempt: keyOf(1),
      outcome: { kind: "failed", category: "preemption", exitCode: 143 },
      next: "retry-free",
    },
    1_000,
  );
  recorder.observe(started(keyOf(1, 2), [0, 1, 2]), 1_000);
  recorder.passTo(3_000);
  expect(recorder.heldGpuMs).toBe(6 * 8 * 1_000 + 3 * 8 * 2_000);
});
