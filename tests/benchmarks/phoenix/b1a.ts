import type { ShedPlan } from "@ertis/power-planning";
import type { Benchmark, Line } from "../benchmark.ts";
import { atLeast, atMost, type Goal } from "../goals.ts";
import { phoenixMix, type MixJob } from "./mix.ts";
import {
  exactPlan,
  filledPlan,
  fullCapWatts,
  type Plan,
  planOf,
  shedPlan,
  uniformPlan,
} from "./plans.ts";
import { loadSweep } from "./sweep.ts";

export const b1a: Benchmark = {
  name: "B1a",
  what: "the mix of the Phoenix field trial at one steady point, exact model, mean draw counted",
  goal: "70.14 kW: 99.5 % used, throughput 0.898; 60 %: 0.805; 50 and 40 %: refused, and within 0.5 % of the best without floors",
  run: () => Promise.resolve(measure()),
};

/** The trial's contract: 75 % of its measured 93.5 kW. The others are parts of the sweep's full power. */
const contractWatts = 70_140;

function measure(): readonly Line[] {
  const loaded = loadSweep();
  if (loaded.kind === "absent") {
    return [
      {
        name: "SKIPPED, NOTHING WAS MEASURED",
        text: [loaded.message],
        figures: { skipped: loaded.message },
      },
    ];
  }
  const jobs = phoenixMix(loaded.sweep);
  const full = planOf(
    jobs,
    jobs.map(() => fullCapWatts),
  ).watts;
  const parts = [0.6, 0.5, 0.4].map((part) => ({
    name: `${part * 100} % of ${kilowatts(full)}`,
    budgetWatts: full * part,
    throughputMin: part === 0.6 ? 0.805 : undefined,
  }));
  const contract = { name: "contract", budgetWatts: contractWatts, throughputMin: 0.898 };
  return [contract, ...parts].map((one) => lineOf(jobs, one));
}

interface Case {
  readonly name: string;
  readonly budgetWatts: number;
  /** Undefined: it should be refused, floors do not fit. */
  readonly throughputMin: number | undefined;
}

function lineOf(jobs: readonly MixJob[], one: Case): Line {
  const { name, budgetWatts, throughputMin } = one;
  const title = `${name}, ${kilowatts(budgetWatts)}`;
  const filled = filledPlan(jobs, budgetWatts);
  const uniform = uniformPlan(jobs, budgetWatts);
  const rows: Readonly<Record<string, Plan | undefined>> = {
    [fill]: filled,
    "exact, 1 W caps": exactPlan(jobs, budgetWatts, kept(1)),
    "exact, 5 W caps": exactPlan(jobs, budgetWatts, kept(5)),
    "one cap for all": uniform,
    "91.6 % used, exact": exactPlan(jobs, budgetWatts * 0.916, kept(1)),
  };
  const shown = Object.entries(rows).filter(
    ([label, plan]) => plan !== undefined || label === fill,
  );
  const text = shown.map(
    ([label, plan]) => `${label.padEnd(20)} ${planText(jobs, plan, budgetWatts)}`,
  );
  const beyond =
    filled === undefined || throughputMin === undefined
      ? withoutFloors(jobs, budgetWatts)
      : { text: [], figures: {}, goals: [] };
  return {
    name: title,
    text: [...text, ...beyond.text],
    figures: { budgetWatts, ...rows, ...beyond.figures },
    goals: [...goalsOf(one, filled), ...beyond.goals],
  };
}

function goalsOf({ budgetWatts, throughputMin }: Case, filled: Plan | undefined): readonly Goal[] {
  if (throughputMin === undefined) {
    return [];
  }
  const { watts, worth } = filled ?? { watts: Number.NaN, worth: Number.NaN };
  return [
    atLeast("throughput", worth, throughputMin),
    atMost("used", (100 * watts) / budgetWatts, 100, "%"),
    ...(budgetWatts === contractWatts
      ? [atLeast("used", (100 * watts) / budgetWatts, 99.5, "%")]
      : []),
  ];
}

const fill = "filled, 1 W caps";

function kept(stepWatts: number): Parameters<typeof exactPlan>[2] {
  return { stepWatts, areFloorsKept: true, idleWatts: undefined };
}

/** When floors do not fit: what the refusal says, and the best plan when they are given up. */
function withoutFloors(
  jobs: readonly MixJob[],
  budgetWatts: number,
): Pick<Line, "text" | "figures"> & { readonly goals: readonly Goal[] } {
  const text: string[] = [];
  const goals: Goal[] = [];
  const figures: Record<string, unknown> = {};
  // A paused A100 draws 50 to 60 W; the published figures count nothing.
  for (const idleWatts of [0, 55]) {
    const refusal = shedPlan(jobs, budgetWatts, { floors: "kept", idleWatts });
    const shed = shedPlan(jobs, budgetWatts, { floors: "given-up", idleWatts });
    const exact = exactPlan(jobs, budgetWatts, { stepWatts: 1, areFloorsKept: false, idleWatts });
    const plan =
      shed.kind === "plan" ? planOf(jobs, capsOf(jobs, shed.plan), idleWatts) : undefined;
    const below =
      plan === undefined || exact === undefined ? Number.NaN : 1 - plan.worth / exact.worth;
    text.push(
      refusal.kind === "refused"
        ? `refused, pauses counted: every floor is kept from ${kilowatts(refusal.smallestScaled)} up, a paused GPU at ${idleWatts} W; giving up ${refusal.gains
            .map((gain) => `tier ${gain.tierLossMax * 100} % frees ${kilowatts(gain.freesScaled)}`)
            .join(", ")}`
        : "NOT REFUSED",
      `  without floors     ${planText(jobs, plan, budgetWatts)}`,
      `  exact              ${planText(jobs, exact, budgetWatts)}; ${(below * 100).toFixed(3)} % better`,
    );
    goals.push(
      atLeast("refusals", refusal.kind === "refused" ? 1 : 0, 1),
      atMost(`below the best, a paused GPU at ${idleWatts} W,`, 100 * below, 0.5, "%"),
    );
    figures[`idle${idleWatts}`] = { refusal, plan, exact, below };
  }
  return { text, figures, goals };
}

/** Caps by job; a job that is paused throughout has none. */
function capsOf(jobs: readonly MixJob[], plan: ShedPlan): readonly number[] {
  return jobs.map((_, id) => plan.caps.find((one) => one.id === id)?.capWatts ?? 0);
}

function planText(jobs: readonly MixJob[], plan: Plan | undefined, budgetWatts: number): string {
  if (plan === undefined) {
    return "does not fit";
  }
  const broken = jobs.filter((job, at) => (plan.caps[at] ?? 0) < job.floorCapWatts).length;
  const caps = plan.caps.map((cap) => (cap === 0 ? "paused" : String(cap))).join(" ");
  const used = ((plan.watts / budgetWatts) * 100).toFixed(2);
  return `throughput ${plan.worth.toFixed(4)}  used ${used} %  caps ${caps}${broken > 0 ? `  (${broken} floors broken)` : ""}`;
}

function kilowatts(watts: number): string {
  return `${(watts / 1000).toFixed(2)} kW`;
}
