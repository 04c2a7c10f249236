import { findCluster, limitHosts, mistakeText, type SitePlan } from "@ertis/provisioning-model";
import { loadPlans } from "@ertis/provisioning-model/load";
import { tableLines } from "../doctor/table.ts";
import { findToolchain } from "../find-toolchain.ts";
import { stateDirectory } from "../paths.ts";
import { recordedClusters } from "./cluster-files.ts";
import { ClusterProblem } from "./cluster-problem.ts";
import { clusterStatus } from "./cluster-status.ts";
import { endLocalWorld } from "./end-local-world.ts";
import { kwokNodes } from "./kwok-nodes.ts";
import { familiesFor, localClusterNames, managementName } from "./local-clusters.ts";
import type { Manifest } from "./manifest.ts";
import { startCluster, stopCluster } from "./start-cluster.ts";

export type Say = (line: string) => void;

export interface UpOptions {
  /** Empty: those of the local profile. */
  readonly names: readonly string[];
  readonly hostsPerSiteCount: number;
  readonly say: Say;
}

/** Brings clusters up, one after the other: each uses all cores for the seconds it takes. */
export async function up(options: UpOptions): Promise<void> {
  const plans = readPlans();
  const names = options.names.length === 0 ? localClusterNames(plans) : options.names;
  const limited = plans.map((plan) => limitHosts(plan, options.hostsPerSiteCount));
  // All names are looked up before the first cluster starts.
  const wanted = names.map((name) => ({ name, nodes: nodesOf(limited, name) }));
  const toolchain = await findToolchain();
  for (const { name, nodes } of wanted) {
    const { isNew, seconds, kubeconfigPath } = await startCluster({
      name,
      nodes,
      crds: familiesFor(name),
      toolchain,
    });
    const state = isNew ? "up" : "was up";
    options.say(
      `${name} ${state} in ${seconds.toFixed(1)} s, ${nodes.length} GPU nodes: ${kubeconfigPath}`,
    );
  }
}

function readPlans(): readonly SitePlan[] {
  const read = loadPlans();
  if (read.kind === "errors") {
    throw new ClusterProblem(read.errors.map(mistakeText).join("\n"));
  }
  return read.plans;
}

function nodesOf(plans: readonly SitePlan[], name: string): readonly Manifest[] {
  if (name === managementName) {
    return [];
  }
  const found = findCluster(plans, name);
  if (found === undefined) {
    throw noSuchCluster(name, plans);
  }
  return kwokNodes(found.plan, found.cluster);
}

function noSuchCluster(name: string, plans: readonly SitePlan[]): ClusterProblem {
  const built = plans.flatMap(({ clusters }) =>
    clusters.filter(({ isBuilt }) => isBuilt).map((cluster) => cluster.name),
  );
  return new ClusterProblem(
    `No site has a cluster ${JSON.stringify(name)}. There are ${managementName}, the built ${built.join(", ")}, and the halls of later phases.`,
  );
}

export async function status(say: Say): Promise<void> {
  const names = recordedClusters(stateDirectory());
  if (names.length === 0) {
    say(`No local cluster is up (${stateDirectory()}): \`npm run clusters -- up\``);
    return;
  }
  const toolchain = await findToolchain();
  const states = await Promise.all(names.map(async (name) => clusterStatus(name, { toolchain })));
  const rows = states.flatMap((state) =>
    state === undefined
      ? []
      : [
          [
            state.name,
            state.isReachable ? "reachable" : `unreachable, ${state.runningProcessCount} processes`,
            state.version ?? "-",
            `${state.nodeCount} nodes`,
            `${state.crdCount} CRDs`,
          ],
        ],
  );
  for (const line of tableLines(rows, 100)) {
    say(line);
  }
  say("Kubeconfigs:");
  for (const state of states) {
    if (state !== undefined) {
      say(`  ${state.kubeconfigPath}`);
    }
  }
}

/**
 * Ends those named, else all that `up` has started in this state directory; with the management cluster
 * also the process that plays controllers on all of them, which has nothing left to do.
 */
export async function down(names: readonly string[], say: Say): Promise<void> {
  const recorded = recordedClusters(stateDirectory());
  refuseUnknown(names.filter((name) => name !== managementName && !recorded.includes(name)));
  if (names.length === 0 || names.includes(managementName)) {
    const worldPid = await endLocalWorld(stateDirectory());
    if (worldPid !== undefined) {
      say(`local-world (${worldPid}) has ended`);
    }
  }
  for (const name of names.length === 0 ? recorded : names) {
    if (!recorded.includes(name)) {
      say(`${name} is not up`);
      continue;
    }
    const endedCount = await stopCluster(name);
    say(`${name} is down: ${endedCount} processes ended, its data removed`);
  }
  if (names.length === 0 && recorded.length === 0) {
    say("No local cluster is up");
  }
}

/** A hall that is not up is down already; what no site has is a slip, said before anything is ended. */
function refuseUnknown(names: readonly string[]): void {
  if (names.length === 0) {
    return;
  }
  const plans = readPlans();
  for (const name of names) {
    if (findCluster(plans, name) === undefined) {
      throw noSuchCluster(name, plans);
    }
  }
}
