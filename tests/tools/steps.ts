import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { SkippedTest, TestCounts } from "./count-reporter.ts";

const root: string = resolve(import.meta.dirname, "../..");

/** One thing `npm test` does. */
export interface Step {
  readonly name: string;
  /** Program and arguments; programs of the dependencies are found without a path. */
  readonly command: readonly [string, ...string[]];
  /** A file without which the step has nothing to do; its absence is a reported skip. */
  readonly requires?: string;
  /** Its tests are counted one by one; any other step counts as one. */
  readonly hasTests?: boolean;
  /** Its output appears as it comes, for steps of hours; it is not kept. */
  readonly isStreamed?: boolean;
}

/** What came of a step; the counts of all steps add up to the last line of `npm test`. */
export interface StepResult extends TestCounts {
  readonly name: string;
  readonly tookMs: number;
  readonly output: string;
}

interface Finished {
  readonly exitCode: number;
  readonly output: string;
}

function run(step: Step, environment: NodeJS.ProcessEnv): Promise<Finished> {
  const [program, ...args] = step.command;
  const { promise, resolve: settle } = Promise.withResolvers<Finished>();
  const child = spawn(program === "node" ? process.execPath : program, args, {
    cwd: root,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const collect = (chunk: Buffer): void => {
    if (step.isStreamed === true) {
      process.stdout.write(chunk);
    } else {
      output += chunk.toString();
    }
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  child.on("error", (error) => settle({ exitCode: 1, output: `${output}${error.message}\n` }));
  child.on("close", (code, signal) => {
    const killed = signal === null ? "" : `ended by ${signal}\n`;
    settle({ exitCode: code ?? 1, output: output + killed });
  });
  return promise;
}

/**
 * Counts of a step that runs tests. Without the reporter's file the run broke before its end; an exit
 * code that the counts do not explain is a failure of its own.
 */
function countTests(path: string, exitCode: number): TestCounts {
  if (!existsSync(path)) {
    return { passedCount: 0, failedCount: 1, skips: [] };
  }
  const counts: TestCounts = JSON.parse(readFileSync(path, "utf8"));
  const isUnexplained = exitCode !== 0 && counts.failedCount === 0;
  return isUnexplained ? { ...counts, failedCount: 1 } : counts;
}

function countCheck(exitCode: number): TestCounts {
  const isPassed = exitCode === 0;
  return { passedCount: isPassed ? 1 : 0, failedCount: isPassed ? 0 : 1, skips: [] };
}

/** Runs one step to its end. Never rejects: what goes wrong is a failed count and its output. */
export async function runStep(step: Step): Promise<StepResult> {
  if (step.requires !== undefined && !existsSync(join(root, step.requires))) {
    const skip: SkippedTest = { name: step.name, reason: `${step.requires} does not exist` };
    return {
      name: step.name,
      tookMs: 0,
      output: "",
      passedCount: 0,
      failedCount: 0,
      skips: [skip],
    };
  }
  const startedAt = performance.now();
  const scratch = mkdtempSync(join(tmpdir(), "ertis-test-"));
  const countsPath = join(scratch, "counts.json");
  try {
    const { exitCode, output } = await run(step, {
      ...process.env,
      PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}`,
      TURBO_TELEMETRY_DISABLED: "1",
      ERTIS_TEST_COUNTS: countsPath,
    });
    const counts = step.hasTests === true ? countTests(countsPath, exitCode) : countCheck(exitCode);
    return { name: step.name, tookMs: performance.now() - startedAt, output, ...counts };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
