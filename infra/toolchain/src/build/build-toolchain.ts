import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { collectDefinitions, definitionsToCollect } from "../crds/collect-definitions.ts";
import { familyPlaces, findToolchain } from "../find-toolchain.ts";
import { cacheDirectory } from "../paths.ts";
import { withLock } from "../programs/lock.ts";
import type { Toolchain } from "../toolchain.ts";
import { type BuildStep, planBuild, stepName } from "./build-plan.ts";
import { runStep, type StepResult, targetPath } from "./build-step.ts";
import { findGo } from "./go.ts";

/** More would only compete for the cores: one build uses all of them for most of its time. */
const mostBuildsAtOnceCount = 2;

export interface BuildOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

export type BuildResult =
  | { readonly kind: "complete"; readonly toolchain: Toolchain }
  | {
      readonly kind: "incomplete";
      readonly toolchain: Toolchain;
      readonly problems: readonly string[];
    };

/** Builds what is missing; may run as often and beside itself as one likes. */
export async function buildToolchain(options: BuildOptions): Promise<BuildResult> {
  const environment = options.environment ?? process.env;
  const root = cacheDirectory(environment);
  mkdirSync(root, { recursive: true });
  const found = await findToolchain(environment);
  const go = await findGo(environment);
  const steps = planBuild(familyPlaces(root, go), found.parts, (place, folder) =>
    existsSync(targetPath({ kind: "folder", place, folder })),
  );
  const hasDefinitions = definitionsToCollect(root).length === 0;
  if (steps.length === 0 && (hasDefinitions || go.kind === "unusable")) {
    return { kind: "complete", toolchain: found };
  }
  if (go.kind === "unusable") {
    const problems = [cannotBuild(steps, go.message)];
    return { kind: "incomplete", toolchain: found, problems };
  }
  options.say(`making ${steps.length} parts with Go ${go.version} in ${root}`);
  const problems: string[] = [];
  await inParallel(steps, mostBuildsAtOnceCount, async (step) => {
    const name = stepName(step);
    options.say(`  ${name} …`);
    const result = await runStep(step, {
      goPath: go.path,
      root,
      environment,
      onWait: (pid) => {
        options.say(`  ${name}: process ${pid} is making it, waiting`);
      },
    });
    options.say(`  ${name}: ${describeResult(result)}`);
    if (result.kind === "failed") {
      problems.push(`${name} could not be made:\n${result.lines}\nAll of it: ${result.logPath}`);
    }
  });
  await withLock(join(root, "locks", "definitions"), {}, async () => {
    await collectDefinitions({ root, goPath: go.path, environment, say: options.say });
  });
  const toolchain = await findToolchain(environment);
  return problems.length === 0
    ? { kind: "complete", toolchain }
    : { kind: "incomplete", toolchain, problems };
}

/** What is missing, and the two ways to it: Go, or the published programs. */
function cannotBuild(steps: readonly BuildStep[], whyNot: string): string {
  const published = new Set(
    steps.flatMap((step) => (step.kind === "binary" ? (step.place.family.published ?? []) : [])),
  );
  const others =
    published.size === 0
      ? []
      : [
          `Or put what is published into PATH, in the versions of infra/toolchain/README.md: ${[...published].join(", ")}.`,
        ];
  return [`Missing: ${steps.map(stepName).join(", ")}.`, whyNot, ...others].join("\n");
}

function describeResult(result: StepResult): string {
  switch (result.kind) {
    case "made": {
      const size = result.megabytes === undefined ? "" : `, ${result.megabytes.toFixed(0)} MB`;
      return `${result.seconds.toFixed(1)} s${size}`;
    }
    case "there":
      return "made by another run in between";
    case "failed":
      return "failed";
  }
}

async function inParallel(
  steps: readonly BuildStep[],
  atOnceCount: number,
  run: (step: BuildStep) => Promise<void>,
): Promise<void> {
  const waiting = [...steps];
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      await run(step);
    }
  };
  await Promise.all(Array.from({ length: atOnceCount }, worker));
}
