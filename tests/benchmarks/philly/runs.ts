import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TraceScale } from "@ertis/simulator";
import type { Walltimes } from "./philly-jobs.ts";
import type { PolicyFigures } from "./run-result.ts";

export const policyNames = ["nameplate", "flat", "uniform", "ertis"] as const;

export type PolicyName = (typeof policyNames)[number];

/** One cell of a table: a policy on jobs of a seed under a budget. */
export interface PhillyRun {
  readonly policy: PolicyName;
  readonly budgetShare: number;
  readonly seed: number;
  readonly walltimes: Walltimes;
  readonly scale: TraceScale;
  readonly horizonDays?: number;
}

export type Figures = PolicyFigures & { readonly violations: readonly string[] };

const program = fileURLToPath(new URL("run-one.ts", import.meta.url));

function start(run: PhillyRun): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ["--max-old-space-size=4096", program, JSON.stringify(run)],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.once("close", (code) => {
      if (code === 0) {
        resolve(JSON.parse(said));
      } else {
        reject(new Error(`${run.policy}, seed ${run.seed}: ended with code ${String(code)}`));
      }
    });
  });
}

/** Runs all, so many side by side, and says how far it is. In the order asked for. */
export async function runAll(
  runs: readonly PhillyRun[],
  sideBySide: number,
): Promise<readonly Figures[]> {
  const results = new Map<number, Figures>();
  const beganMs = performance.now();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next; at < runs.length; at = next) {
      next += 1;
      const run = runs[at];
      if (run !== undefined) {
        results.set(at, await start(run));
        const elapsed = Math.round((performance.now() - beganMs) / 1_000);
        const left = Math.round((elapsed * (runs.length - results.size)) / results.size);
        process.stderr.write(
          `  ${results.size} of ${runs.length} runs, ${elapsed} s, ${left} s left\n`,
        );
      }
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  return runs.flatMap((_, at) => results.get(at) ?? []);
}
