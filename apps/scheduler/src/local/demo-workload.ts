import { hash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PriorityClass } from "@ertis/api";
import { createClient, type JobRequest, type SubmitEntry } from "@ertis/client";
import { runtimeDirective, outcomeDirective } from "@ertis/executor-simulated";
import { demoProjects, type LocalPerson } from "./local-people.ts";

const minuteMs = 60_000;
const hub = "pavlodar-hub";
const center = "ai-data-center";

interface DemoJob {
  readonly name: string;
  readonly nodeCount: number;
  readonly gpusPerNode: number;
  readonly walltimeMinutes: number;
  /** How long it will really run; the simulated nodes read it from its environment. */
  readonly runtimeMinutes: number;
  readonly more?: JobRequest;
  readonly outcome?: string;
}

/** Written within a minute, read back in two. */
const checkpoint = { saveMs: minuteMs, restoreMs: 2 * minuteMs };

/** What a job tolerates to lose in a curtailment, and the class that tells how fast it is under a cap. */
const rigid: JobRequest = { workloadClass: "inference" };
const nearlyRigid: JobRequest = { flexibilityTierPercent: 10, workloadClass: "pre-train" };
const flexible: JobRequest = { flexibilityTierPercent: 25, workloadClass: "fine-tune", checkpoint };
const mostFlexible: JobRequest = { flexibilityTierPercent: 50, checkpoint };

/** A bit of everything: gangs, an array, a failure with retries, a held job, and one that has to wait. */
const jobs: readonly DemoJob[] = [
  train("pretrain-kk-70b", 96, 50, {
    ...nearlyRigid,
    site: hub,
    priorityClass: PriorityClass.HIGH,
  }),
  train("pretrain-kk-8b", 32, 35, { ...flexible, workloadClass: "pre-train", site: hub }),
  train("finetune-legal", 8, 12, { ...flexible, site: center }),
  train("finetune-medical", 8, 9, { ...mostFlexible, site: center }),
  {
    name: "evaluate",
    nodeCount: 1,
    gpusPerNode: 8,
    walltimeMinutes: 20,
    runtimeMinutes: 6,
    more: rigid,
  },
  {
    name: "align-genomes",
    nodeCount: 1,
    gpusPerNode: 1,
    walltimeMinutes: 30,
    runtimeMinutes: 4,
    more: {
      ...mostFlexible,
      project: demoProjects[1] ?? "",
      array: { taskCount: 400, throttle: 120 },
    },
  },
  {
    name: "forecast-irtysh",
    nodeCount: 16,
    gpusPerNode: 4,
    walltimeMinutes: 45,
    runtimeMinutes: 15,
    more: { project: demoProjects[2] ?? "", site: center, labels: new Map([["season", "flood"]]) },
  },
  {
    name: "flaky-loader",
    nodeCount: 1,
    gpusPerNode: 2,
    walltimeMinutes: 10,
    runtimeMinutes: 1,
    outcome: "failed:3",
    more: { retryPolicy: { maxRetries: 2, categories: [] } },
  },
  { ...train("publish-weights", 1, 5, {}), more: { held: true } },
  train("pretrain-kk-400b", 900, 90, { site: hub }),
  ...Array.from({ length: 24 }, (_, index) =>
    train(`sweep-${String(index + 1).padStart(2, "0")}`, 1 + (index % 4), 5 + index, {
      ...[rigid, flexible, mostFlexible, nearlyRigid][index % 4],
      preemptible: true,
      priorityClass: PriorityClass.LOW,
      site: index % 3 === 0 ? center : "",
    }),
  ),
];

function train(name: string, nodeCount: number, runtimeMinutes: number, more: JobRequest): DemoJob {
  const walltimeMinutes = Math.ceil(runtimeMinutes * 1.5);
  return { name, nodeCount, gpusPerNode: 8, walltimeMinutes, runtimeMinutes, more };
}

function entryOf(job: DemoJob, index: number): SubmitEntry {
  const env = new Map([[runtimeDirective, `${job.runtimeMinutes * minuteMs}`]]);
  if (job.outcome !== undefined) {
    env.set(outcomeDirective, job.outcome);
  }
  return {
    requestId: demoRequestId(index),
    spec: {
      project: demoProjects[0] ?? "",
      name: job.name,
      nodeCount: job.nodeCount,
      gpusPerNode: job.gpusPerNode,
      walltimeMs: job.walltimeMinutes * minuteMs,
      image: "registry.local/demo",
      env,
      ...job.more,
    },
  };
}

/** The same on every start: a start that broke off in the middle does not submit anything twice. */
function demoRequestId(index: number): string {
  const hex = hash("sha256", `ertis demo ${index}`, "hex");
  return [8, 12, 16, 20, 32].map((end, part) => hex.slice([0, 8, 12, 16, 20][part], end)).join("-");
}

/** Submits the demo jobs, once for each data directory. Returns how many were accepted. */
export async function submitDemo(
  dataDirectory: string,
  address: string,
  person: LocalPerson,
): Promise<number> {
  const marker = join(dataDirectory, "demo-submitted");
  if (existsSync(marker)) {
    return 0;
  }
  const client = createClient({ address, token: person.token });
  try {
    const outcomes = await client.submit(jobs.map(entryOf));
    const refused = outcomes.find((outcome) => outcome.kind === "refused");
    if (refused !== undefined) {
      throw new Error(`a demo job was refused: ${refused.rejection.message}`);
    }
    const failed = outcomes.find((outcome) => outcome.kind === "failed");
    if (failed !== undefined) {
      throw failed.error;
    }
    writeFileSync(marker, "", { mode: 0o600 });
    return outcomes.length;
  } finally {
    client.close();
  }
}
