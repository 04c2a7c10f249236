import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { clusterStatus, localClusterNames, managementName } from "@ertis/infra-toolchain";
import type { Toolchain } from "@ertis/infra-toolchain";
import type { SitePlan } from "@ertis/provisioning-model";
import { countOf } from "../output/count-of.ts";
import { OperationProblem } from "../problem.ts";
import { localSettings, stateRoot } from "../settings/run-settings.ts";
import type { RunSettings } from "../settings/run-settings.ts";
import type { StackEntry } from "../stacks/stack-list.ts";
import { writeFileAtomically } from "../state/write-file.ts";

export const managementCluster: string = managementName;

/** Every site gets so many GPU hosts in the local profile, unless asked otherwise. */
export const defaultHostsPerSiteCount = 32;

const hostsFile = join(stateRoot, "hosts-per-site");

export function rememberHosts(hostsPerSiteCount: number): void {
  writeFileAtomically(hostsFile, `${hostsPerSiteCount}\n`);
}

/** How many hosts `up:local` takes, and what it says of that when nobody asked for a number. */
export interface ChosenHosts {
  readonly hostsPerSiteCount: number;
  readonly note: string | undefined;
}

/** Those asked for, else those of the last time: a second `up:local` changes nothing by itself. */
export function chooseHosts(askedCount: number | undefined): ChosenHosts {
  const rememberedCount = rememberedHosts();
  const hostsPerSiteCount = askedCount ?? rememberedCount;
  const isUnusual = askedCount === undefined && rememberedCount !== defaultHostsPerSiteCount;
  return {
    hostsPerSiteCount,
    note: isUnusual
      ? `${countOf(rememberedCount, "GPU host")} a site, as the last time; --hosts-per-site takes another number`
      : undefined,
  };
}

/** As many as the local clusters were last brought up with. */
export function rememberedHosts(): number {
  const text = existsSync(hostsFile) ? readFileSync(hostsFile, "utf8").trim() : "";
  return /^[1-9]\d*$/.test(text) ? Number(text) : defaultHostsPerSiteCount;
}

/** The settings of the local stacks, whose clusters must be up. */
export async function openLocal(toolchain: Toolchain): Promise<RunSettings> {
  const status = await clusterStatus(managementCluster, { toolchain });
  if (status?.isReachable !== true) {
    throw new OperationProblem(
      "unavailable",
      status === undefined
        ? "no local management cluster is up"
        : "the local management cluster does not answer",
      "start it and all local stacks with: npm run up:local",
    );
  }
  return localSettings(toolchain, {
    hostsPerSiteCount: rememberedHosts(),
    kubeconfig: status.kubeconfigPath,
  });
}

/** The halls that get a cluster on this machine. */
export function localHalls(plans: readonly SitePlan[]): readonly string[] {
  return localClusterNames(plans).filter((name) => name !== managementCluster);
}

/** Which stacks of all sites do not stand on this machine, and why, in one line; undefined where all do. */
export function leftOutText(
  every: readonly StackEntry[],
  local: readonly StackEntry[],
): string | undefined {
  const rest = every.filter(({ name }) => !local.some((entry) => entry.name === name));
  const alike = rest.filter(({ of, isBuilt }) => of.kind === "hall" && isBuilt);
  const later = rest.filter(({ isBuilt }) => !isBuilt);
  const registered = rest.filter(({ of }) => of.kind === "registered");
  const halls = [...new Set(alike.map(({ stack }) => stack))];
  const parts = [
    [alike, `of ${halls.join(", ")} (made up like a hall that is here)`],
    [later, "of later phases"],
    [registered, `of ${registered[0]?.stack ?? ""} (its cluster stands elsewhere)`],
  ] as const;
  const told = parts
    .filter(([entries]) => entries.length > 0)
    .map(([entries, why]) => `${countOf(entries.length, "stack")} ${why}`);
  return told.length === 0 ? undefined : `left out here: ${told.join(", ")}`;
}

/**
 * The stacks of the local profile, in order. A registered site is made known; its own cluster, with its
 * queues, does not stand on this machine.
 */
export function localStacks(
  every: readonly StackEntry[],
  halls: readonly string[],
): readonly StackEntry[] {
  return every.filter(({ of, project, stack }) => {
    switch (of.kind) {
      case "all sites":
        return true;
      case "hall":
        return halls.includes(stack);
      case "registered":
        return project === "clusters";
    }
  });
}
