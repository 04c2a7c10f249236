import { defineConfig } from "vitest/config";
import type { ViteUserConfig } from "vitest/config";
import { LongestFirst } from "./tests/tools/longest-first.ts";

const isSoak = process.env["ERTIS_SOAK"] === "1";

/**
 * Two kinds of runs share this file: `npm test` takes every test beside the code and under `tests/`,
 * `npm run soak` takes `*.soak.ts` under `tests/soak`, which may run for hours.
 */
const config: ViteUserConfig = defineConfig({
  test: {
    include: isSoak
      ? [
          "tests/soak/**/*.soak.ts",
          // Beside the code, because they look inside; the soak asks them for more histories.
          ...[
            "scheduler-engine/src/decide/commands/curtailments.property",
            "scheduler-engine/src/decide/shed/curtailments-kept.property",
            "scheduler-engine/src/decide/shed/planned.property",
            "api/src/codec",
          ].map((name) => `packages/${name}.test.ts`),
        ]
      : [
          "packages/*/src/**/*.test.ts",
          "apps/*/src/**/*.test.ts",
          "tests/!(soak|infra)/**/*.test.ts",
        ],
    // Those of Pulumi and of real API servers: tests/infra/vitest.config.ts.
    exclude: ["packages/pulumi-kit/**", "**/*.real.test.ts", "**/node_modules/**"],
    // Two processes whose test files share loaded modules: isolating every file would load gRPC and the
    // engine anew for each of them. The price is a rule: a test leaves no global state behind.
    pool: "forks",
    isolate: false,
    fileParallelism: !isSoak,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // The machine is shared and slow at times; a test that hangs is still found.
    testTimeout: isSoak ? 3_600_000 : 120_000,
    hookTimeout: 120_000,
    passWithNoTests: false,
    // `.only` left in a file would silently skip the rest.
    allowOnly: false,
  },
});

export default config;
