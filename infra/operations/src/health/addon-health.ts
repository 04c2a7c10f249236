import type { AddonDescription } from "@ertis/charts";
import type { ReadObject } from "../recovery/live-object.ts";
import type { StackState } from "../recovery/state-export.ts";
import { workloadHealth } from "./workload-health.ts";

const releaseType = "kubernetes:helm.sh/v3:Release";

export interface AddonHealth {
  readonly addon: string;
  /** `Deployment namespace/name`. */
  readonly workload: string;
  /** `recorded`: the local profile writes releases down and installs none, so there is nothing to see. */
  readonly result: "healthy" | "unhealthy" | "recorded";
  readonly seen: string;
}

/** The workload of each add-on that a stack has installed, as its cluster shows it now. */
export async function addonHealth(
  addons: readonly AddonDescription[],
  { state, read, isLocal }: AddonHealthSource,
): Promise<readonly AddonHealth[]> {
  const found: AddonHealth[] = [];
  for (const { name, namespace, healthCheck } of addons) {
    const release = state.resources.find(
      ({ type, inputs }) => type === releaseType && inputs["name"] === name,
    );
    const workload = `${healthCheck.kind} ${namespace}/${healthCheck.name}`;
    if (release === undefined) {
      found.push({ addon: name, workload, result: "unhealthy", seen: "not in the stack: run up" });
      continue;
    }
    const object = await read(release, { ...healthCheck, namespace });
    if (object !== undefined) {
      const { isHealthy, seen } = workloadHealth(healthCheck.kind, object);
      found.push({ addon: name, workload, result: isHealthy ? "healthy" : "unhealthy", seen });
    } else if (isLocal) {
      found.push({ addon: name, workload, result: "recorded", seen: "not installed" });
    } else {
      found.push({ addon: name, workload, result: "unhealthy", seen: "the cluster has none" });
    }
  }
  return found;
}

export interface AddonHealthSource {
  readonly state: StackState;
  readonly read: ReadObject;
  readonly isLocal: boolean;
}
