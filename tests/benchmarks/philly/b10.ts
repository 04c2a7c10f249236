import type { Benchmark, BenchmarkOptions, Line } from "../benchmark.ts";
import { atLeast, atMost } from "../goals.ts";
import { endedText } from "./run-result.ts";
import { type Interval, intervalOf, intervalText, percentText } from "./comparison.ts";
import { loadPhilly } from "./philly-jobs.ts";
import { fullWatts } from "./plant.ts";
import { type Figures, type PhillyRun, type PolicyName, policyNames, runAll } from "./runs.ts";

/** What Ertis should do more than nameplate, by budget. */
const gainPercent: ReadonlyMap<number, number> = new Map([
  [0.7, 20],
  [0.8, 12],
  [0.9, 6],
]);
const budgetShares = [...gainPercent.keys()];
const seedCount = 5;
const sideBySide = 2;
const horizonDays = 5;
const scale = { fromDay: 14, toDay: 70, arrivalRate: 20 };
const hoursPerDay = 24;

/** A backlog that never ends: how much work a MWh of budget gives. */
async function run({ seed }: BenchmarkOptions): Promise<readonly Line[]> {
  const loaded = loadPhilly();
  if (loaded.kind === "absent") {
    return [{ name: "philly", text: [loaded.message], figures: { skipped: loaded.message } }];
  }
  const runs: PhillyRun[] = budgetShares.flatMap((budgetShare) =>
    policyNames.flatMap((policy) =>
      Array.from({ length: seedCount }, (_, one) => ({
        policy,
        budgetShare,
        seed: seed + one,
        walltimes: "over-asked" as const,
        scale,
        horizonDays,
      })),
    ),
  );
  const figures = await runAll(runs, sideBySide);
  return budgetShares.map((budgetShare) => {
    const budgetMegawattHours = (fullWatts * budgetShare * horizonDays * hoursPerDay) / 1e6;
    const of = (policy: PolicyName): readonly Figures[] =>
      figures.filter(
        (_, at) => runs[at]?.policy === policy && runs[at].budgetShare === budgetShare,
      );
    return lineOf({ budgetShare, budgetMegawattHours, of });
  });
}

interface Budget {
  readonly budgetShare: number;
  readonly budgetMegawattHours: number;
  readonly of: (policy: PolicyName) => readonly Figures[];
}

function lineOf({ budgetShare, budgetMegawattHours, of }: Budget): Line {
  const perMegawattHour = (policy: PolicyName): readonly number[] =>
    of(policy).map(({ gpuHours }) => gpuHours / budgetMegawattHours);
  const nameplate = perMegawattHour("nameplate");
  const gain = (policy: PolicyName): Interval =>
    intervalOf(perMegawattHour(policy).map((value, at) => value / (nameplate[at] ?? value) - 1));
  const violations = of("ertis").reduce((sum, { violationCount }) => sum + violationCount, 0);
  return {
    name: `${budgetShare * 100} % of 358.4 kW`,
    text: [
      ...policyNames.map(
        (policy) =>
          `${policy.padEnd(10)} ${intervalText(intervalOf(perMegawattHour(policy)), 1)} GPU-hours at full speed a MWh of budget, ${percentText(gain(policy))} beside nameplate, ${endedText(of(policy))}`,
      ),
      `${violations} violations`,
    ],
    figures: Object.fromEntries(policyNames.map((policy) => [policy, of(policy)])),
    goals: [
      atLeast("beside nameplate", 100 * gain("ertis").mean, gainPercent.get(budgetShare) ?? 0, "%"),
      atMost("violations", violations, 0),
    ],
  };
}

export const b10: Benchmark = {
  name: "B10",
  what: "work a MWh of budget: Philly days 14–70, arrivals × 20, first 5 days, 896 GPUs",
  goal: "GPU-hours at full speed ≥ +20 / +12 / +6 % beside nameplate at 70 / 80 / 90 %",
  run,
};
