import type { Benchmark, BenchmarkOptions, Line } from "../benchmark.ts";
import { intervalOf, intervalText, percentText } from "./comparison.ts";
import { loadPhilly } from "./philly-jobs.ts";
import { fullWatts } from "./plant.ts";
import { type Figures, type PhillyRun, type PolicyName, policyNames, runAll } from "./runs.ts";

const budgetShares = [0.7, 0.8, 0.9];
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
    const of = (policy: PolicyName): readonly number[] =>
      figures
        .filter((_, at) => runs[at]?.policy === policy && runs[at].budgetShare === budgetShare)
        .map(({ gpuHours }) => gpuHours / budgetMegawattHours);
    const broken = figures.filter(
      (_, at) => runs[at]?.policy === "ertis" && runs[at].budgetShare === budgetShare,
    );
    return lineOf(`${budgetShare * 100} % of 358.4 kW`, of, broken);
  });
}

function lineOf(
  name: string,
  of: (policy: PolicyName) => readonly number[],
  ertis: readonly Figures[],
): Line {
  const nameplate = of("nameplate");
  const gain = (policy: PolicyName): string =>
    percentText(intervalOf(of(policy).map((value, at) => value / (nameplate[at] ?? value) - 1)));
  const violations = ertis.reduce((sum, { violationCount }) => sum + violationCount, 0);
  return {
    name,
    text: [
      ...policyNames.map(
        (policy) =>
          `${policy.padEnd(10)} ${intervalText(intervalOf(of(policy)), 1)} GPU-hours at full speed a MWh of budget, ${gain(policy)} beside nameplate`,
      ),
      `${violations} violations`,
    ],
    figures: Object.fromEntries(policyNames.map((policy) => [policy, of(policy)])),
  };
}

export const b10: Benchmark = {
  name: "B10",
  what: "work a MWh of budget: Philly days 14–70, arrivals × 20, first 5 days, 896 GPUs",
  goal: "GPU-hours at full speed ≥ +20 / +12 / +6 % beside nameplate at 70 / 80 / 90 %",
  run,
};
