import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

/** Longest first, as they were on two cores; only files of ten seconds and more need a place here. */
export const longFiles: readonly string[] = [
  "tests/infra/up-local.real.test.ts",
  "tests/infra/cluster-api/cluster-api.real.test.ts",
  "tests/infra/first-preview.real.test.ts",
  "tests/infra/interrupted-up.real.test.ts",
  "tests/crash/crash.test.ts",
  "tests/replay/replay.test.ts",
  "tests/properties/promises.test.ts",
  "packages/simulator/src/run/scenarios.test.ts",
  "tests/conformance/event-log.test.ts",
  "apps/scheduler/src/local/start-local.test.ts",
  "tests/end-to-end/cli.test.ts",
  "tests/conformance/sqlite-event-log.test.ts",
  "tests/conformance/sqlite-damage.test.ts",
  "tests/properties/ramps.test.ts",
  "tests/properties/ramp-ends.test.ts",
  "tests/histories/histories.test.ts",
  "packages/scheduler-engine/src/decide/shed/two-halls.test.ts",
  "tests/simulation/random-runs.test.ts",
  "tests/properties/history.test.ts",
  "tests/properties/liveness.test.ts",
  "tests/guards/lint.test.ts",
  "tests/guards/missing-types.test.ts",
  "apps/cli/src/launcher.test.ts",
  "packages/executor-simulated/src/process/cluster-process.test.ts",
  "packages/scheduler-engine/src/decide/shed/planned.property.test.ts",
  "apps/scheduler/src/start/serve.test.ts",
];

/**
 * Files go to whichever worker is free, in this order: those known to be long first, so that none of
 * them begins when all others are done and leaves a core idle. Vitest's own order knows lengths from an
 * earlier run only; on a fresh machine it goes by size, and the longest tests are short to read.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    for (const name of longFiles) {
      if (!existsSync(join(root, name))) {
        throw new Error(`tests/tools/longest-first.ts names ${name}, which does not exist`);
      }
    }
    // oxlint-disable-next-line unicorn/no-array-sort -- a sequencer's method, not an array's
    const sorted = await super.sort(files);
    return toLongestFirst(sorted, ({ moduleId }) => relative(root, moduleId));
  }
}

/** Those that {@link longFiles} names, in its order, before the others, which keep theirs. */
export function toLongestFirst<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
): Item[] {
  const rank = new Map(longFiles.map((name, index) => [name, index]));
  const rankOf = (item: Item): number => rank.get(nameOf(item)) ?? longFiles.length;
  return items.toSorted((one, other) => rankOf(one) - rankOf(other));
}
