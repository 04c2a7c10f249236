import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

import type { LoadResult, LoadTask } from "./generator.ts";

const program = fileURLToPath(new URL("generator.ts", import.meta.url));

/** Runs one generator to its end. */
export async function runLoad(task: LoadTask): Promise<LoadResult> {
  const child = fork(program, [JSON.stringify(task)], { serialization: "advanced", execArgv: [] });
  return new Promise((resolve, reject) => {
    child.once("message", (result) => {
      // Sent by generator.ts beside this file.
      resolve(result as LoadResult);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the generator ended with code ${code}`)));
  });
}

/** Several at once, as one. */
export async function runLoads(tasks: readonly LoadTask[]): Promise<LoadResult> {
  const results = await Promise.all(tasks.map(runLoad));
  const sum = (of: (result: LoadResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  return {
    acknowledgedCount: sum((result) => result.acknowledgedCount),
    otherCount: sum((result) => result.otherCount),
    elapsedMs: Math.max(...results.map((result) => result.elapsedMs)),
    latenciesMs: results.flatMap((result) => result.latenciesMs),
    processorMs: sum((result) => result.processorMs),
    bytesPerCall: results[0]?.bytesPerCall ?? 0,
    firstProblem: results.find((result) => result.firstProblem !== "")?.firstProblem ?? "",
  };
}
