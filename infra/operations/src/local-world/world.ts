import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ApiClient } from "../kubernetes/api-client.ts";
import { loadKubeconfig } from "../kubernetes/kubeconfig.ts";
import { OperationProblem } from "../problem.ts";
import { playKind } from "./play-kind.ts";
import { playedKinds } from "./rows.ts";

const managementName = "management";
const lookEveryMs = 1_000;
/** How long the management API server may be silent before the world ends. */
const patienceMs = 60_000;

export interface WorldOptions {
  /** Holds a kubeconfig of each local cluster, `<name>.yaml`. */
  readonly kubeconfigDirectory: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Plays the controllers that are absent on all local clusters, those that come later too, until the signal
 * or until the management cluster is gone. Returns why it ended.
 */
export async function playWorld(options: WorldOptions): Promise<string> {
  const { kubeconfigDirectory, say, signal } = options;
  const played = new Map<string, PlayedCluster>();
  const kubeconfigOf = (cluster: string): string | undefined => {
    const file = join(kubeconfigDirectory, `${cluster}.yaml`);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
  let lastAnswerMs = performance.now();
  let reason: string | undefined;
  while (reason === undefined && !signal.aborted) {
    for (const name of new Set([...clusterNames(kubeconfigDirectory), ...played.keys()])) {
      const kubeconfig = kubeconfigOf(name);
      const present = played.get(name);
      // A cluster that was made anew has another address under the same name.
      if (present !== undefined && present.kubeconfig !== kubeconfig) {
        present.ending.abort();
        await present.ended;
        played.delete(name);
        reason ??= name === managementName ? "the management cluster was taken down" : undefined;
      }
      if (kubeconfig !== undefined && !played.has(name)) {
        played.set(name, beginCluster({ name, kubeconfig, kubeconfigOf, say }));
      }
    }
    const management = played.get(managementName);
    if (management !== undefined && (await isAnswering(management.client))) {
      lastAnswerMs = performance.now();
    }
    if (performance.now() - lastAnswerMs > patienceMs) {
      reason ??= `the management cluster has not answered for ${patienceMs / 1000} s`;
    }
    await delay(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
  const clusters = [...played.values()];
  clusters.forEach(({ ending }) => ending.abort());
  await Promise.all(clusters.map(async ({ ended }) => ended));
  return reason ?? "asked to end";
}

interface PlayedCluster {
  readonly kubeconfig: string;
  readonly client: ApiClient;
  readonly ending: AbortController;
  readonly ended: Promise<unknown>;
}

function beginCluster({
  name,
  kubeconfig,
  kubeconfigOf,
  say,
}: {
  readonly name: string;
  readonly kubeconfig: string;
  readonly kubeconfigOf: (cluster: string) => string | undefined;
  readonly say: (line: string) => void;
}): PlayedCluster {
  const client = new ApiClient(loadKubeconfig(kubeconfig));
  assertLoopback(client.server);
  const ending = new AbortController();
  const rows = playedKinds.filter(({ on }) => (on === "management") === (name === managementName));
  const context = { client, kubeconfigOf, say, signal: ending.signal };
  say(`plays on ${name} at ${client.server}`);
  return {
    kubeconfig,
    client,
    ending,
    ended: Promise.all(rows.map(async (row) => playKind(row, context))),
  };
}

function clusterNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => basename(name, ".yaml"));
  } catch {
    return [];
  }
}

/** On a real cluster its lies would hide that nothing works. */
export function assertLoopback(server: string): void {
  const { hostname } = new URL(server);
  if (!["127.0.0.1", "localhost", "[::1]"].includes(hostname)) {
    throw new OperationProblem(
      "usage",
      `local-world plays controllers on this machine only, not on ${hostname}`,
      "a real cluster has the real controllers; let the management stack install them",
    );
  }
}

async function isAnswering(client: ApiClient): Promise<boolean> {
  try {
    return (await client.request("GET", "/readyz")).status === 200;
  } catch {
    return false;
  }
}
