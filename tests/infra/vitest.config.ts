import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import type { ViteUserConfig } from "vitest/config";
import { LongestFirst } from "../tools/longest-first.ts";

const root = resolve(import.meta.dirname, "../..");
const testFolders = ["packages/{charts,pulumi-kit}/src", "infra/**/src", "tests/infra"];

/**
 * Tests of the infrastructure, in two projects. `units` needs Node only; Pulumi keeps its engine's
 * connection in global state, so every file has a process of its own. `real` drives the real engine and
 * real API servers, each file with clusters, ports and a state folder of its own, and skips with its
 * reason where a program is absent. Files go side by side: most of them wait for controllers half of the
 * time, and the longest begin first.
 */
const config: ViteUserConfig = defineConfig({
  root,
  test: {
    allowOnly: false,
    passWithNoTests: false,
    maxWorkers: 2,
    pool: "forks",
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "units",
          include: testFolders.map((folder) => `${folder}/**/*.test.ts`),
          exclude: ["**/*.real.test.ts", "packages/charts/**", "**/node_modules/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "real",
          include: testFolders.map((folder) => `${folder}/**/*.real.test.ts`),
          // Real controllers answer when they please: one second try, which the reporter shows.
          retry: 1,
          // API servers start with a quarter less work when their garbage may grow; they take 0.7 GB more each.
          env: { GOGC: process.env["GOGC"] ?? "200" },
          testTimeout: 900_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});

export default config;
