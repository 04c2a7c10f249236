import type { JobSpec as ApiJobSpec } from "@ertis/api";
import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import type { JobSpec } from "@ertis/scheduler-engine";
import {
  capWattsMax,
  checkpointMsMax,
  gangNodeCountMax,
  instantMsMax,
  walltimeMsMin,
} from "../limits/limits.ts";
import { checkAfter, checkLength, checkRange } from "./check-range.ts";
import { readableLength } from "./readable.ts";
import { quoted, type Violation } from "./violation.ts";

/** The part of a spec that says how far the job bends. */
export type Flexibility = Pick<
  JobSpec,
  | "nodeCountMin"
  | "walltimeMin"
  | "flexibilityTier"
  | "workloadClass"
  | "capMin"
  | "deadline"
  | "checkpoint"
>;

export const tiers: readonly JobSpec["flexibilityTier"][] = [0, 10, 25, 50];
const workloadClass = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;

/** Names every wrong field. */
export function checkFlexibility(spec: ApiJobSpec, violations: Violation[]): void {
  checkNodeCountMin(spec, violations);
  checkTimes(spec, violations);
  checkRange("spec.cap_min_watts", spec.capMinWatts, [0, capWattsMax], violations);
  if (spec.workloadClass !== "" && !workloadClass.test(spec.workloadClass)) {
    violations.push({
      field: "spec.workload_class",
      description: `found ${quoted(spec.workloadClass)}, but 1 to 63 of a-z, 0-9 and . _ - are allowed, for example pre-train, fine-tune or inference`,
    });
  }
  checkTier("spec.flexibility_tier_percent", spec.flexibilityTierPercent, violations);
}

export function checkTier(field: string, percent: number, violations: Violation[]): void {
  if (!tiers.some((tier) => tier === percent)) {
    violations.push({
      field,
      description: `found ${percent}, but ${tiers.slice(0, -1).join(", ")} or ${tiers.at(-1)} is allowed`,
    });
  }
}

/** In the engine's words, after everything was checked; what is not said has its default. */
export function flexibilityOf(spec: ApiJobSpec): Flexibility {
  const { deadlineTimeMs, checkpoint } = spec;
  return {
    nodeCountMin: spec.nodeCountMin === 0 ? spec.nodeCount : spec.nodeCountMin,
    walltimeMin: milliseconds(spec.walltimeMinMs === 0 ? spec.walltimeMs : spec.walltimeMinMs),
    flexibilityTier: tiers.find((tier) => tier === spec.flexibilityTierPercent) ?? 0,
    workloadClass: spec.workloadClass,
    capMin: watts(spec.capMinWatts),
    ...(deadlineTimeMs === 0 ? {} : { deadline: instant(deadlineTimeMs) }),
    ...(checkpoint === undefined
      ? {}
      : {
          checkpoint: {
            save: milliseconds(checkpoint.saveMs),
            restore: milliseconds(checkpoint.restoreMs),
          },
        }),
  };
}

function checkNodeCountMin(spec: ApiJobSpec, violations: Violation[]): void {
  const most = Math.min(spec.nodeCount, gangNodeCountMax);
  if (!(spec.nodeCountMin >= 0 && spec.nodeCountMin <= most)) {
    violations.push({
      field: "spec.node_count_min",
      description: `found ${spec.nodeCountMin}, but 1 to ${most} (spec.node_count) is allowed, or 0 for no fewer`,
    });
  }
}

function checkTimes(spec: ApiJobSpec, violations: Violation[]): void {
  const { walltimeMinMs, walltimeMs, deadlineTimeMs, beginTimeMs, checkpoint } = spec;
  if (walltimeMinMs !== 0 && !(walltimeMinMs >= walltimeMsMin && walltimeMinMs <= walltimeMs)) {
    violations.push({
      field: "spec.walltime_min_ms",
      description: `found ${readableLength(walltimeMinMs)}, but ${readableLength(walltimeMsMin)} to spec.walltime_ms, ${readableLength(walltimeMs)}, is allowed, or 0 for no less`,
    });
  }
  checkRange("spec.deadline_time_ms", deadlineTimeMs, [0, instantMsMax], violations);
  if (deadlineTimeMs > 0) {
    checkAfter(
      ["spec.deadline_time_ms", deadlineTimeMs],
      ["spec.begin_time_ms", beginTimeMs],
      violations,
    );
  }
  if (checkpoint !== undefined) {
    const { saveMs, restoreMs } = checkpoint;
    checkLength("spec.checkpoint.save_ms", saveMs, [walltimeMsMin, checkpointMsMax], violations);
    checkLength("spec.checkpoint.restore_ms", restoreMs, [0, checkpointMsMax], violations);
  }
}

/** The other way: defaults are left out. */
export function flexibilityToApi(
  spec: JobSpec,
): Pick<
  ApiJobSpec,
  | "deadlineTimeMs"
  | "walltimeMinMs"
  | "flexibilityTierPercent"
  | "workloadClass"
  | "capMinWatts"
  | "checkpoint"
  | "nodeCountMin"
> {
  const { deadline, checkpoint } = spec;
  return {
    deadlineTimeMs: deadline === undefined ? 0 : toNumber(deadline),
    walltimeMinMs: spec.walltimeMin === spec.walltime ? 0 : toNumber(spec.walltimeMin),
    flexibilityTierPercent: spec.flexibilityTier,
    workloadClass: spec.workloadClass,
    capMinWatts: toNumber(spec.capMin),
    checkpoint:
      checkpoint === undefined
        ? undefined
        : { saveMs: toNumber(checkpoint.save), restoreMs: toNumber(checkpoint.restore) },
    nodeCountMin: spec.nodeCountMin === spec.nodeCount ? 0 : spec.nodeCountMin,
  };
}
