import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import type { SerializedError } from "vitest";
import type { Reporter, TestModule } from "vitest/node";

/** What a test run came to, as `run-all.ts` reads it. */
export interface TestCounts {
  readonly passedCount: number;
  readonly failedCount: number;
  readonly skips: readonly SkippedTest[];
}

export interface SkippedTest {
  readonly name: string;
  readonly reason: string;
}

function countModule(module: TestModule, counts: MutableCounts): void {
  let testCount = 0;
  for (const test of module.children.allTests()) {
    testCount += 1;
    const result = test.result();
    if (result.state === "passed") {
      counts.passedCount += 1;
    } else if (result.state === "skipped") {
      const name = `${relative(process.cwd(), module.moduleId)} > ${test.fullName}`;
      counts.skips.push({ name, reason: result.note ?? "NO REASON GIVEN" });
    } else {
      // A test that never finished is as bad as one that failed.
      counts.failedCount += 1;
    }
  }
  // A file that does not load has no tests to fail; so does a file without tests.
  if (testCount === 0 || module.errors().length > 0) {
    counts.failedCount += 1;
  }
}

interface MutableCounts {
  passedCount: number;
  failedCount: number;
  skips: SkippedTest[];
}

/** Writes {@link TestCounts} as JSON to the file named by `ERTIS_TEST_COUNTS`. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const path = process.env["ERTIS_TEST_COUNTS"];
    if (path === undefined) {
      return;
    }
    const counts: MutableCounts = { passedCount: 0, failedCount: errors.length, skips: [] };
    for (const module of modules) {
      countModule(module, counts);
    }
    writeFileSync(path, JSON.stringify(counts satisfies TestCounts));
  }
}
