import { setTimeout as wait } from "node:timers/promises";
import type { ClusterFiles } from "../clusters/cluster-files.ts";
import { ClusterProblem } from "../clusters/cluster-problem.ts";
import { runKubectl } from "../clusters/kubectl.ts";
import { lastLines } from "../programs/run-program.ts";
import type { Toolchain } from "../toolchain.ts";
import { crdSource } from "./crd-source.ts";
import type { CrdFamily } from "./families.ts";

const establishedTimeoutSeconds = 120;
const pollMs = 250;

export interface LoadOptions {
  readonly toolchain: Toolchain;
  readonly files: ClusterFiles;
  readonly families: readonly CrdFamily[];
  /** Nothing of it can be there yet: creating costs the server less than applying. */
  readonly isNewCluster: boolean;
}

/** Loads definitions and waits until their kinds are served. */
export async function loadDefinitions(options: LoadOptions): Promise<void> {
  const { toolchain, files, families, isNewCluster } = options;
  if (families.length === 0) {
    return;
  }
  const folders = families.flatMap((family) => ["-f", crdSource(family).directory]);
  const command = isNewCluster
    ? ["create", "--validate=false"]
    : ["apply", "--server-side", "--force-conflicts"];
  const done = await runKubectl(toolchain, files, [...command, "-o", "name", ...folders]);
  if (done.exitCode !== 0) {
    throw problem(families, lastLines(done.stderr, 8));
  }
  await untilEstablished(options, done.stdout);
}

async function untilEstablished(options: LoadOptions, applied: string): Promise<void> {
  const names = applied.split("\n").flatMap((line) => line.split("/")[1] ?? []);
  const endMs = performance.now() + establishedTimeoutSeconds * 1000;
  for (;;) {
    const listed = await runKubectl(options.toolchain, options.files, [
      "get",
      "customresourcedefinitions",
      '-o=jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Established")].status}{"\\n"}{end}',
    ]);
    const established = new Set(listed.stdout.split("\n"));
    const waiting = names.filter((name) => !established.has(`${name} True`));
    if (listed.exitCode === 0 && waiting.length === 0) {
      return;
    }
    if (performance.now() > endMs) {
      throw problem(
        options.families,
        `not served yet: ${waiting.join(", ")}\n${lastLines(listed.stderr, 3)}`,
      );
    }
    await wait(pollMs);
  }
}

function problem(families: readonly CrdFamily[], why: string): ClusterProblem {
  return new ClusterProblem(`The definitions of ${families.join(", ")} were not loaded:\n${why}`);
}
