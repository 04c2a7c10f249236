import type { Benchmark, BenchmarkOptions, Line } from "../benchmark.ts";
import { atLeast, atMost } from "../goals.ts";
import { differenceOf, intervalOf, intervalText, percentText, reductionOf } from "./comparison.ts";
import { loadPhilly, type Walltimes } from "./philly-jobs.ts";
import { type Figures, type PhillyRun, type PolicyName, policyNames, runAll } from "./runs.ts";
import { endedText } from "./run-result.ts";

const budgetShares = [0.7, 0.75, 0.8, 0.9];
const walltimeKinds: readonly Walltimes[] = ["exact", "over-asked"];
const seedCount = 5;
const sideBySide = 2;

/** All of Philly under four budgets, each policy on the same jobs. */
async function run({ seed }: BenchmarkOptions): Promise<readonly Line[]> {
  const loaded = loadPhilly();
  if (loaded.kind === "absent") {
    return [{ name: "philly", text: [loaded.message], figures: { skipped: loaded.message } }];
  }
  const runs: PhillyRun[] = [];
  for (const walltimes of walltimeKinds) {
    for (const budgetShare of budgetShares) {
      for (const policy of policyNames) {
        for (let one = 0; one < seedCount; one += 1) {
          runs.push({ policy, budgetShare, seed: seed + one, walltimes, scale: {} });
        }
      }
    }
  }
  const figures = await runAll(runs, sideBySide);
  return walltimeKinds.flatMap((walltimes) =>
    budgetShares.map((budgetShare) => {
      const of = (policy: PolicyName): readonly Figures[] =>
        figures.filter((_, at) => {
          const one = runs[at];
          return (
            one?.policy === policy && one.budgetShare === budgetShare && one.walltimes === walltimes
          );
        });
      const name = `${budgetShare * 100} % of 358.4 kW, walltimes ${walltimes}`;
      return lineOf(name, of, budgetShare < 0.9 ? 80 : 50);
    }),
  );
}

type Of = (policy: PolicyName) => readonly Figures[];

function lineOf(name: string, of: Of, belowNameplatePercent: number): Line {
  const slowdowns = (policy: PolicyName): readonly number[] =>
    of(policy).map(({ slowdown10s }) => slowdown10s);
  const ertis = slowdowns("ertis");
  const violations = of("ertis").reduce((sum, { violationCount }) => sum + violationCount, 0);
  const difference = differenceOf(ertis, slowdowns("uniform"));
  const belowNameplate = reductionOf(ertis, slowdowns("nameplate"));
  const belowFlat = reductionOf(ertis, slowdowns("flat"));
  const unfinished = of("ertis").reduce((sum, one) => sum + one.unfinishedCount, 0);
  const text = [
    ...policyNames.map((policy) => policyText(policy, of(policy))),
    `below nameplate ${percentText(belowNameplate)}, below flat ${percentText(belowFlat)}`,
    `beside dynamic uniform ${intervalText(difference, 4)} (below 0: better); ${violations} violations`,
  ];
  const figures = Object.fromEntries(policyNames.map((policy) => [policy, of(policy)]));
  const goals = [
    atLeast("below nameplate", 100 * belowNameplate.mean, belowNameplatePercent, "%"),
    atLeast("below flat", 100 * belowFlat.mean, 40, "%"),
    atMost("slowdown beside dynamic uniform", difference.mean, 0),
    atMost("violations", violations, 0),
    atMost("jobs of Ertis that did not end", unfinished, 0),
  ];
  return { name, text, figures, goals };
}

function policyText(policy: PolicyName, figures: readonly Figures[]): string {
  const of = (pick: (one: Figures) => number, digits: number): string =>
    intervalText(intervalOf(figures.map(pick)), digits);
  return `${policy.padEnd(10)} slowdown ${of((one) => one.slowdown10s, 3)} (600 s: ${of((one) => one.slowdown600s, 3)}, p95 ${of((one) => one.slowdown10sP95, 1)}), wait ${of((one) => one.waitSeconds, 0)} s (p95 ${of((one) => one.waitSecondsP95, 0)}), ${endedText(figures)}`;
}

export const b3: Benchmark = {
  name: "B3",
  what: "Philly, all 82,247 jobs on 112 × 8 A100 under 70 to 90 % of 358.4 kW, 5 seeds, beside three baselines",
  goal: "mean bounded slowdown ≥ 80 % below nameplate at 70–80 %, ≥ 50 % at 90 %; ≥ 40 % below flat; never worse than dynamic uniform; 0 violations",
  run,
};
