import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  defaultDrawRules,
  drawJobs,
  type DrawRules,
  readTrace,
  scaleTrace,
  type SimulatedJob,
  type TraceJob,
  type TraceScale,
} from "@ertis/simulator";

const here = fileURLToPath(new URL(".", import.meta.url));
const phillySha256 = "ebffb3dd1589bdf4e7bcd74496201c5ded1d557d498ee14f560463f37ec353da";

export type LoadedPhilly =
  | { readonly kind: "jobs"; readonly jobs: readonly TraceJob[] }
  /** The caller says so loudly and goes on without it. */
  | { readonly kind: "absent"; readonly message: string };

/** All 82,247 jobs, from ERTIS_DATA_DIR or beside the repository. */
export function loadPhilly(): LoadedPhilly {
  const directory = process.env["ERTIS_DATA_DIR"] ?? join(here, "../../../../shared/data");
  const path = join(directory, "philly/philly.csv");
  if (!existsSync(path)) {
    return {
      kind: "absent",
      message: `SKIPPED: ${path} is not there; ERTIS_DATA_DIR names its place`,
    };
  }
  const bytes = readFileSync(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== phillySha256) {
    return {
      kind: "absent",
      message: `SKIPPED: ${path} is another file: SHA-256 is ${sha256}, ${phillySha256} is expected`,
    };
  }
  const trace = readTrace(bytes.toString("utf8"));
  return trace.kind === "trace"
    ? { kind: "jobs", jobs: trace.jobs }
    : { kind: "absent", message: `SKIPPED: ${path} has ${trace.problems.length} broken rows` };
}

/** Walltimes that are exactly right, or U(1, 5) times too long. */
export type Walltimes = "exact" | "over-asked";

/**
 * The rules that Philly's gaps are filled by: tiers 10/30/40/20 % for 0/10/25/50 %, walltime × 1 or
 * × U(1, 5), class evenly pre-train, fine-tune, inference; nothing can be shrunk or saved.
 */
function rulesOf(walltimes: Walltimes): DrawRules {
  return {
    ...defaultDrawRules,
    overAsk: walltimes === "exact" ? { min: 1, max: 1 } : { min: 1, max: 5 },
    workloadClasses: ["pre-train", "fine-tune", "inference"],
    startAllowanceMs: 0,
    walltimeStepMs: 1_000,
    checkpointShare: 0,
  };
}

export function phillyJobs(
  jobs: readonly TraceJob[],
  seed: number,
  walltimes: Walltimes,
  scale: TraceScale = {},
): readonly SimulatedJob[] {
  return drawJobs(scaleTrace(jobs, scale), seed, rulesOf(walltimes), 8).map((job) => ({
    ...job,
    owner: "philly",
  }));
}
