/**
 * `npm test`, `npm run check`, `npm run test:infra` and `npm run soak`: the checks of the repository.
 *
 * A failing step does not hide the others. The last line is `N passed, N failed, N skipped`: each check
 * counts as one, the tests one by one.
 */
import { runStep } from "./steps.ts";
import type { Step, StepResult } from "./steps.ts";
import { summarize } from "./summary.ts";

const checks: readonly Step[] = [
  { name: "format", command: ["oxfmt", "--check"] },
  { name: "lint", command: ["oxlint"] },
  { name: "boundaries", command: ["turbo", "boundaries"] },
  { name: "proto lint", command: ["buf", "lint"], requires: "buf.yaml" },
  {
    name: "generated code",
    command: ["node", "proto/check-generated.ts"],
    requires: "proto/check-generated.ts",
  },
];
/** The longest check has a core of its own; the others follow each other on the second one. */
const types: Step = { name: "types", command: ["node", "tests/tools/check-types.ts"] };

/**
 * What may be waited for on two cores that do nothing else: twenty minutes for all of it, so that each
 * change can be tested whole. What takes longer belongs into the soak, or was made slow.
 */
const budgetSeconds: Readonly<Record<string, number>> = {
  types: 90,
  tests: 450,
  "infra units": 60,
  "infra real": 600,
};

const vitestReporters = ["--reporter=default", "--reporter=./tests/tools/count-reporter.ts"];
const tests: Step = {
  name: "tests",
  command: ["vitest", "run", ...vitestReporters],
  hasTests: true,
};

/** Pulumi's programs under mocks, then the real engine on real API servers: tests/infra/vitest.config.ts. */
function infraTests(project: "units" | "real"): Step {
  const config = ["--config", "tests/infra/vitest.config.ts", "--project", project];
  return {
    name: `infra ${project}`,
    command: ["vitest", "run", ...config, ...vitestReporters],
    hasTests: true,
  };
}

function report(result: StepResult): StepResult {
  const isFailed = result.failedCount > 0;
  const isSkipped = !isFailed && result.passedCount === 0;
  const mark = isFailed ? "FAILED" : isSkipped ? "skipped" : "ok";
  const seconds = (result.tookMs / 1000).toFixed(1);
  const isWorthShowing = isFailed || process.env["ERTIS_TEST_VERBOSE"] === "1";
  if (isWorthShowing && result.output !== "") {
    console.log(result.output.trimEnd());
  }
  console.log(`${mark.padEnd(8)}${result.name.padEnd(16)}${seconds.padStart(6)} s`);
  return result;
}

async function runInOrder(steps: readonly Step[]): Promise<readonly StepResult[]> {
  const results: StepResult[] = [];
  for (const step of steps) {
    results.push(report(await runStep(step)));
  }
  return results;
}

async function runMode(name: string): Promise<readonly StepResult[]> {
  if (name === "soak") {
    process.env["ERTIS_SOAK"] = "1";
    const { command } = infraTests("real");
    return runInOrder([
      { ...tests, name: "soak", isStreamed: true },
      {
        ...infraTests("real"),
        name: "soak of kills",
        command: [...command, "tests/infra/interrupted-up.real.test.ts"],
        isStreamed: true,
      },
    ]);
  }
  const infra = [infraTests("units"), infraTests("real")];
  if (name === "infra") {
    return runInOrder(infra);
  }
  // Checks first and tests after them: tests that measure time need both cores.
  const lanes = await Promise.all([runInOrder([types]), runInOrder(checks)]);
  const results = lanes.flat();
  return name === "check" ? results : [...results, ...(await runInOrder([tests, ...infra]))];
}

const mode = process.argv[2] ?? "all";
const results = await runMode(mode);
console.log(`${"in all".padEnd(24)}${process.uptime().toFixed(1).padStart(6)} s`);
for (const { name, tookMs } of results) {
  const mostSeconds = budgetSeconds[name] ?? Infinity;
  if (tookMs > mostSeconds * 1000) {
    console.log(
      `SLOW    ${name} should take less than ${mostSeconds} s on two idle cores; --reporter=verbose tells which tests are long`,
    );
  }
}
const { lines, exitCode } = summarize(results);
for (const line of lines) {
  console.log(line);
}
process.exitCode = exitCode;
