import { expect, test } from "vitest";
import { planShed } from "./plan-shed.ts";
import type { ShedJob, ShedPlan } from "./shed-problem.ts";
import { a100, shedJob, shedProblem } from "./test-shed.ts";
import { withoutFloor } from "./without-floor.ts";

const minuteMs = 60_000;

/** Four minutes of a job that is cheap to pause, beside two that are dear to cap. */
function planned(roomPerGpuWatts: number, mild: (job: ShedJob) => ShedJob): ShedPlan | undefined {
  const cheap = shedJob(1, { weight: 1, tierLossMax: 0.1, saveMs: 5_000, restoreMs: 5_000 });
  const others = { tierLossMax: 0.25, gpuCount: 16 };
  const jobs = [
    mild(cheap),
    shedJob(2, { ...others, curve: a100("infer_llama_8b") }),
    shedJob(3, others),
  ];
  const changes = { counts: "draw", eventMs: 4 * minuteMs, noticeMs: minuteMs } as const;
  const result = planShed(shedProblem(jobs, 40 * roomPerGpuWatts, changes));
  return result.kind === "plan" ? result.plan : undefined;
}

const asIs = (job: ShedJob): ShedJob => job;

test.each([220, 250, 300])(
  "a floor that may be given up is kept where a target of %d W a GPU holds with all of them",
  (room) => {
    const kept = planned(room, asIs);
    expect(kept?.pauses).toEqual([]);
    expect(planned(room, withoutFloor)).toEqual(kept);
  },
);

test("and given up where it does not", () => {
  expect(planned(190, asIs)).toBeUndefined();
  expect(planned(190, withoutFloor)?.pauses.map(({ id }) => id)).toEqual([1]);
});

test("and where all floors hold only when more take turns", () => {
  const quick = { saveMs: 0, restoreMs: 1_000, curve: a100("ft_llama_8b_p3", 320) };
  const jobs = [1, 2, 3, 4].map((id) => shedJob(id, quick));
  const plan = (of: readonly ShedJob[]): readonly number[] => {
    const result = planShed(shedProblem(of, 32 * 270, { counts: "draw" }));
    return result.kind === "plan" ? result.plan.pauses.map(({ id }) => id) : [];
  };
  expect(plan(jobs).length).toBeGreaterThan(1);
  expect(plan(jobs.map(withoutFloor))).toHaveLength(1);
});

test("who has lost more than his tier while it was given up keeps it in the rest, and asks no more of others", () => {
  const half = { elapsedMs: 2 * minuteMs, eventMs: 4 * minuteMs, counts: "draw" } as const;
  const lost = shedJob(1, { isPausedNow: true, lossMsSoFar: 2 * minuteMs, restoreMs: 5_000 });
  const result = planShed(shedProblem([withoutFloor(lost), shedJob(2)], 16 * 280, half));
  const plan = result.kind === "plan" ? result.plan : undefined;
  expect(plan?.pauses).toEqual([]);
  const [own = 1, other = 1] = plan?.losses.map(({ lostMs }) => lostMs / (2 * minuteMs)) ?? [];
  expect(own).toBeLessThanOrEqual(0.5);
  expect(other).toBeLessThan(0.3);
});
