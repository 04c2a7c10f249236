import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { clusterParts, clusterStatus, missingParts } from "@ertis/infra-toolchain";
import type { Toolchain } from "@ertis/infra-toolchain";
import { labelNames } from "@ertis/provisioning-model";
import { ApiClient, groupPath } from "../kubernetes/api-client.ts";
import { loadKubeconfig } from "../kubernetes/kubeconfig.ts";
import { findWorld, logFile, startWorld, stopWorld } from "../local-world/control.ts";
import type { WorldPlace } from "../local-world/control.ts";
import { playedKinds } from "../local-world/rows.ts";
import { countOf } from "../output/count-of.ts";
import type { Output } from "../output/output.ts";
import { renderTable, toSeconds } from "../output/table.ts";
import { exitCodes, OperationProblem } from "../problem.ts";
import type { ExitCode } from "../problem.ts";
import { localSettings, stateRoot } from "../settings/run-settings.ts";
import { requireToolchain } from "../settings/toolchain.ts";
import { readPlans } from "../stacks/read-plans.ts";
import { selectStacks } from "../stacks/select-stacks.ts";
import { listStacks } from "../stacks/stack-list.ts";
import type { StackEntry } from "../stacks/stack-list.ts";
import { stackPresence } from "../state/stack-presence.ts";
import { checkSettings, requirePredecessors } from "./check-first.ts";
import {
  chooseHosts,
  leftOutText,
  localHalls,
  localStacks,
  managementCluster,
  rememberHosts,
} from "./local-run.ts";
import { ensureManagementMachines } from "./management-machines.ts";
import { isGood } from "./run-stacks.ts";
import { printSummary } from "./summary-table.ts";
import { upAll } from "./up.ts";

export interface UpLocalOptions {
  readonly hostsPerSite?: number;
  readonly stop?: boolean;
}

const toolchainDirectory = join(import.meta.dirname, "../../../toolchain/src");

export const worldPlace: WorldPlace = {
  stateDirectory: stateRoot,
  kubeconfigDirectory: join(stateRoot, "kwok", "kubeconfigs"),
};

/** Local clusters, the world around them, and all stacks on them. */
export async function upLocal(
  names: readonly string[],
  options: UpLocalOptions,
  output: Output,
): Promise<ExitCode> {
  if (options.stop === true) {
    return stopLocalWorld(output);
  }
  const startedMs = performance.now();
  const { hostsPerSiteCount, note } = chooseHosts(options.hostsPerSite);
  if (note !== undefined) {
    output.say(note);
  }
  // Halls are chosen before the limit of hosts: it may leave a class of one out.
  const halls = localHalls(readPlans(undefined));
  const every = listStacks(readPlans(hostsPerSiteCount));
  const local = localStacks(every, halls);
  const entries = names.length === 0 ? local : selectStacks(local, names);
  const clusters = clustersOf(entries, halls);
  checkSettings(entries);
  const toolchain = await requireClusterParts();
  const leftOut = names.length === 0 ? leftOutText(every, local) : undefined;
  if (leftOut !== undefined) {
    output.say(leftOut);
  }
  await startClusters(clusters, hostsPerSiteCount);
  const clustersSeconds = (performance.now() - startedMs) / 1000;
  rememberHosts(hostsPerSiteCount);
  const kubeconfig = await managementKubeconfig(toolchain);
  await ensureManagementMachines(new ApiClient(loadKubeconfig(kubeconfig)));
  startWorld(worldPlace);
  const settings = localSettings(toolchain, { hostsPerSiteCount, kubeconfig });
  await requirePredecessors(
    entries,
    async (name) => stackPresence(settings.workspaceOf(name)),
    "up:local",
  );
  const outcomes = await upAll(entries, settings, output);
  printSummary(outcomes, (performance.now() - startedMs) / 1000, output);
  output.print(
    `of these ${toSeconds(clustersSeconds)} for ${countOf(clusters.length, "cluster")}\n`,
  );
  await printPlayed(clusters, output);
  return outcomes.every(isGood) ? exitCodes.ok : exitCodes.failed;
}

async function stopLocalWorld(output: Output): Promise<ExitCode> {
  const pid = await stopWorld(worldPlace);
  output.say(pid === undefined ? "local-world did not run" : `local-world (${pid}) has ended`);
  return exitCodes.ok;
}

/** The toolchain, with all that local clusters need. */
async function requireClusterParts(): Promise<Toolchain> {
  const toolchain = await requireToolchain();
  const missing = missingParts(toolchain, clusterParts);
  if (missing !== undefined) {
    throw new OperationProblem(
      "unavailable",
      `local clusters ${missing}`,
      "run: npm run toolchain",
    );
  }
  return toolchain;
}

/** The file that leads to the management cluster, which has been started. */
async function managementKubeconfig(toolchain: Toolchain): Promise<string> {
  const status = await clusterStatus(managementCluster, { toolchain });
  if (status === undefined) {
    throw new Error("the management cluster was started and is not recorded");
  }
  return status.kubeconfigPath;
}

/** The management cluster, and those of the halls whose own stacks are brought up. */
function clustersOf(entries: readonly StackEntry[], halls: readonly string[]): readonly string[] {
  const stacks = new Set(entries.map(({ stack }) => stack));
  return [managementCluster, ...halls.filter((hall) => stacks.has(hall))];
}

async function startClusters(names: readonly string[], hostsPerSiteCount: number): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      join(toolchainDirectory, "clusters-main.ts"),
      "up",
      ...names,
      "--hosts-per-site",
      String(hostsPerSiteCount),
    ],
    { stdio: ["ignore", process.stderr, process.stderr] },
  );
  const [code]: unknown[] = await once(child, "exit");
  if (code !== 0) {
    throw new OperationProblem(
      "unavailable",
      "the local clusters did not come up; the lines above say why",
      "npm run clusters -- status shows how they are; npm run clusters -- down clears them away",
    );
  }
}

/** Which controllers are played, and how many objects of the stacks wait for what is written in their place. */
async function printPlayed(clusters: readonly string[], output: Output): Promise<void> {
  const counts = new Map<string, number>();
  for (const name of clusters) {
    const file = join(worldPlace.kubeconfigDirectory, `${name}.yaml`);
    const client = new ApiClient(loadKubeconfig(file));
    const isManagement = name === managementCluster;
    for (const row of playedKinds.filter(({ on }) => (on === "management") === isManagement)) {
      const kind = await client.findKind(row);
      const path = `${groupPath(row.apiVersion)}/${kind?.plural ?? ""}?labelSelector=${labelNames.stack}`;
      const { body } = kind === undefined ? { body: {} } : await client.request("GET", path);
      const items =
        typeof body === "object" && body !== null && "items" in body && Array.isArray(body.items)
          ? body.items.length
          : 0;
      counts.set(row.controller, (counts.get(row.controller) ?? 0) + items);
    }
  }
  const rows = [...counts].filter(([, count]) => count > 0);
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  const pid = findWorld(worldPlace)?.pid;
  output.print(
    `\n${total} objects depend on local-world (process ${pid ?? "ended"}, ${logFile(worldPlace)}), which plays:\n`,
  );
  output.print(
    renderTable(
      [{ title: "CONTROLLER" }, { title: "OBJECTS", align: "right" }],
      rows.map(([controller, count]) => [controller, String(count)]),
    ),
  );
  output.print(
    "npm run clusters -- down ends clusters and local-world; npm run destroy -- --local takes the stacks down before\n",
  );
}
