import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { modulesDirectory } from "../paths.ts";
import { withLock } from "../programs/lock.ts";
import { lastLines, runProgram } from "../programs/run-program.ts";
import { buildEnvironment, buildFlags } from "./build-key.ts";
import { type BuildStep, stepName } from "./build-plan.ts";
import { copyTree } from "./copy-tree.ts";

export type StepResult =
  | { readonly kind: "made"; readonly seconds: number; readonly megabytes: number | undefined }
  | { readonly kind: "there" }
  | { readonly kind: "failed"; readonly lines: string; readonly logPath: string };

export interface StepContext {
  readonly goPath: string;
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly onWait: (pid: number) => void;
}

/** Makes one thing under its own lock, in a draft that gets its name when it is whole. */
export async function runStep(step: BuildStep, context: StepContext): Promise<StepResult> {
  const target = targetPath(step);
  const lock = join(
    context.root,
    "locks",
    `${basename(step.place.directory)}-${step.kind}-${basename(target)}`,
  );
  return withLock(lock, { onWait: context.onWait }, async () => {
    if (existsSync(target)) {
      return { kind: "there" };
    }
    const startMs = performance.now();
    const failure = await make(step, target, context);
    const seconds = (performance.now() - startMs) / 1000;
    return (
      failure ?? {
        kind: "made",
        seconds,
        megabytes: step.kind === "binary" ? statSync(target).size / 1e6 : undefined,
      }
    );
  });
}

export function targetPath(step: BuildStep): string {
  return step.kind === "binary"
    ? join(step.place.directory, "bin", step.binary.name)
    : join(step.place.directory, "modules", step.folder.name);
}

async function make(
  step: BuildStep,
  target: string,
  context: StepContext,
): Promise<StepResult | undefined> {
  mkdirSync(join(target, ".."), { recursive: true });
  const draft = `${target}.draft-${randomUUID()}`;
  try {
    const output = await makeDraft(step, draft, context);
    if (output !== undefined) {
      return keepLog(step, output);
    }
    renameSync(draft, target);
    return undefined;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** What Go said, where it failed. */
async function makeDraft(
  step: BuildStep,
  draft: string,
  { goPath, environment }: StepContext,
): Promise<string | undefined> {
  const { family, files } = step.place;
  const options = {
    directory: join(modulesDirectory, family.name),
    environment: { ...environment, ...buildEnvironment },
  };
  if (step.kind === "binary") {
    const flags = [...buildFlags(family, files), "-o", draft, step.binary.package];
    const built = await runProgram(goPath, ["build", ...flags], options);
    return built.exitCode === 0 ? undefined : `${built.stdout}${built.stderr}`;
  }
  const { module, folders } = step.folder;
  // `go list` knows where a module is, `go mod download` also brings it where no build has.
  const downloaded = await runProgram(goPath, ["mod", "download", module], options);
  const listed = await runProgram(goPath, ["list", "-m", "-f", "{{.Dir}}", module], options);
  const source = listed.stdout.trim();
  if (downloaded.exitCode !== 0 || listed.exitCode !== 0 || source === "") {
    return `${downloaded.stderr}${listed.stderr}`;
  }
  for (const folder of folders) {
    copyTree(join(source, folder), join(draft, folder));
  }
  return undefined;
}

function keepLog(step: BuildStep, output: string): StepResult {
  const logs = join(step.place.directory, "logs");
  mkdirSync(logs, { recursive: true });
  const logPath = join(logs, `${stepName(step).replaceAll(" ", "-")}.log`);
  writeFileSync(logPath, output);
  return { kind: "failed", lines: lastLines(output, 12), logPath };
}
