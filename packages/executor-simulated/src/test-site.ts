import { instant, milliseconds, watts } from "@ertis/quantities";
import type { AttemptKey } from "@ertis/scheduler-engine";
import type { DesiredAttempt, DesiredChange } from "@ertis/scheduler-runtime";
import { bareWorkload } from "./cluster/attempt-plan.ts";
import type { ClusterSite } from "./cluster/cluster-site.ts";

/** Four eight-GPU nodes with enforced shares and two four-GPU nodes without. Figures are made up. */
export const testSite: ClusterSite = {
  id: "test-site",
  revision: "0".repeat(64),
  curves: [],
  nodeClasses: [
    {
      name: "shared",
      gpuModel: "H100-SXM-80GB",
      gpuCount: 8,
      idleWatts: watts(2_301),
      peakWatts: watts(7_370),
      partUse: "share",
    },
    {
      name: "whole",
      gpuModel: "A100-SXM-80GB",
      gpuCount: 4,
      idleWatts: watts(801),
      peakWatts: watts(2_650),
      partUse: "peak",
    },
  ],
  nodes: [0, 0, 0, 0, 1, 1].map((classIndex, node) => ({
    id: `test-site/node-${node}`,
    classIndex,
  })),
};

/** When the tests' virtual time begins. */
export const startMs = 1_800_000_000_000;

export interface WishParts {
  readonly job: number;
  readonly task?: number;
  readonly attempt?: number;
  readonly nodes?: readonly number[];
  readonly gpuMasks?: readonly number[];
  readonly site?: string;
  readonly startedAtMs?: number;
  readonly walltimeMs?: number;
  readonly graceMs?: number;
  readonly capWatts?: number;
  readonly capOrder?: number;
  readonly workDoneMs?: number;
  readonly savesWork?: boolean;
  readonly want?: DesiredAttempt["want"];
  readonly workloadClass?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export function keyOf(parts: WishParts): AttemptKey {
  return { job: parts.job, task: parts.task ?? 0, attempt: parts.attempt ?? 1 };
}

/** A wish that is right unless `parts` say otherwise: all GPUs of node 0 for an hour. */
export function wish(parts: WishParts): DesiredAttempt {
  const startedAtMs = parts.startedAtMs ?? startMs;
  const nodes = parts.nodes ?? [0];
  return {
    attempt: keyOf(parts),
    placement: {
      site: parts.site ?? testSite.id,
      nodes,
      gpuMasks: parts.gpuMasks ?? nodes.map((node) => (node < 4 ? 0xff : 0xf)),
      powerReserved: watts(0),
      capWatts: 0,
    },
    startedAt: instant(startedAtMs),
    endsBy: instant(startedAtMs + (parts.walltimeMs ?? 3_600_000)),
    name: `job-${parts.job}`,
    workload: bareWorkload(parts.environment ?? {}),
    workloadClass: parts.workloadClass ?? "",
    want: parts.want ?? "run",
    grace: milliseconds(parts.graceMs ?? 30_000),
    capWatts: parts.capWatts ?? 0,
    capOrder: parts.capOrder ?? 0,
    work: milliseconds(parts.walltimeMs ?? 3_600_000),
    workDone: milliseconds(parts.workDoneMs ?? 0),
    savesWork: parts.savesWork ?? false,
  };
}

/** A change; a complete one has granted the idle watts of all nodes unless `more` says otherwise. */
export function change(
  generation: number,
  attempts: readonly DesiredAttempt[],
  more: Partial<DesiredChange> = {},
): DesiredChange {
  const isComplete = more.isComplete ?? false;
  const powerOff = more.powerOff ?? [];
  const powerOn = isComplete
    ? [...testSite.nodes.keys()].filter((node) => !powerOff.includes(node))
    : [];
  return { generation, isComplete, attempts, forget: [], powerOff, powerOn, ...more };
}
