import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  clusterParts,
  findToolchain,
  kwokNodes,
  missingParts,
  programPath,
  startCluster,
  stopCluster,
} from "@ertis/infra-toolchain";
import { platformManifests, queueManifests } from "@ertis/charts";
import { wattQuota } from "@ertis/provisioning-model";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { gpuJob } from "./kueue/gpu-job.ts";
import { type ClusterObject, createKubectl, type Kubectl } from "./kueue/kubectl.ts";
import { type RunningKueue, startKueue } from "./kueue/kueue-process.ts";
import { kubeletStages } from "./kueue/stages.ts";
import { smallHall } from "./kueue/small-hall.ts";

const clusterName = "kueue";
const namespace = "project-genomics";
const model = "nvidia.com/h100-sxm-80gb";
/** What judges jobs and pods with GPUs at the API server: whatever Kueue and Kubernetes make must pass. */
const gpuRules = /^gpus-/;
/** Those that hold queues; the rest of the platform stack is proved elsewhere. */
const queueNamespaces = /^(?:project-|node-health$)/;
const waitOptions = { timeout: 30_000, interval: 100 };

// 64 kW of two modules less 43.16 kW: room for two nodes of 7,704 W, not for three.
const hall = smallHall(32);
const directory = mkdtempSync(join(tmpdir(), "ertis-kueue-"));
const toolchain = await findToolchain();
const folder = toolchain.configDirectories.kueue;
const missing =
  missingParts(toolchain, [...clusterParts, "kueue"]) ??
  (folder === undefined ? "needs Kueue's manifests: run `npm run toolchain`" : undefined);

let kueue: RunningKueue | undefined;
let kubectl: Kubectl;

/** Applies what the queues stack writes for the hall, as it is. */
function applyQueues(moduleKilowatts: number): void {
  const edited = smallHall(moduleKilowatts);
  kubectl.apply(queueManifests(edited.plan, edited.cluster));
}

/** Kubernetes' and Kueue's controllers run as the cluster's one user here, not each with its own account. */
function forControllersOf(user: string, manifest: unknown): unknown {
  return JSON.parse(JSON.stringify(manifest).replaceAll("system:kube-controller-manager", user));
}

/** Queues hold nodes by name of what the device plugin says, which is the same GPU twice. */
function nodesWithBothNames(): ReturnType<typeof kwokNodes> {
  return kwokNodes(hall.plan, hall.cluster).map((node) => {
    const resources = { ...resourcesOf(node), "nvidia.com/gpu": "8" };
    return { ...node, status: { capacity: resources, allocatable: resources } };
  });
}

function resourcesOf(node: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const { capacity } = node["status"] as { readonly capacity: Readonly<Record<string, string>> };
  return capacity;
}

function submit(name: string, more: Partial<Parameters<typeof gpuJob>[0]> = {}): void {
  kubectl.apply([gpuJob({ name, namespace, resource: model, ...more })]);
}

async function untilRunning(name: string): Promise<readonly ClusterObject[]> {
  return vi.waitFor(() => {
    const pods = kubectl.list("pods", namespace, `batch.kubernetes.io/job-name=${name}`);
    expect(pods.length, `job ${name} has pods`).toBeGreaterThan(0);
    expect(pods.map(({ status }) => status?.phase)).toEqual(pods.map(() => "Running"));
    return pods;
  }, waitOptions);
}

/** Why the job waits, in the controller's words; waits until it has said so. */
async function reasonOfWaiting(name: string, pattern: RegExp): Promise<string> {
  return vi.waitFor(() => {
    const workload = kubectl
      .list("workloads.kueue.x-k8s.io", namespace)
      .find(({ metadata }) =>
        (metadata.ownerReferences ?? []).some((owner) => owner.name === name),
      );
    const message =
      workload?.status?.conditions?.find(({ type }) => type === "QuotaReserved")?.message ?? "";
    expect(message).toMatch(pattern);
    return message;
  }, waitOptions);
}

function jobOf(name: string): ClusterObject | undefined {
  return kubectl.get("job", name, namespace);
}

function remove(...names: readonly string[]): void {
  kubectl.run(["delete", "jobs", "-n", namespace, "--ignore-not-found", ...names]);
}

beforeAll(async () => {
  if (missing !== undefined || folder === undefined) {
    return;
  }
  const cluster = await startCluster({
    name: clusterName,
    nodes: nodesWithBothNames(),
    crds: [],
    stateDirectory: directory,
    toolchain,
    hasStageObjects: true,
  });
  kubectl = createKubectl(programPath(toolchain, "kubectl"), cluster.kubeconfigPath);
  kubectl.apply(kubeletStages);
  const manifests = queueManifests(hall.plan, hall.cluster);
  const configuration = manifests.find(({ kind }) => kind === "ConfigMap")?.["data"];
  kueue = await startKueue({
    program: programPath(toolchain, "kueue"),
    folder: join(folder, "config/default"),
    kubectl,
    configuration: Object.values(configuration as Readonly<Record<string, string>>)[0] ?? "",
    scratch: directory,
  });
  const user = kubectl.run(["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"]);
  kubectl.apply(
    platformManifests(hall.plan, hall.cluster)
      .filter(
        ({ kind, metadata }) =>
          // Its time of day may come during the test.
          kind !== "CronJob" &&
          (gpuRules.test(metadata.name) ||
            (kind === "Namespace" && queueNamespaces.test(metadata.name)) ||
            queueNamespaces.test(metadata.namespace ?? "")),
      )
      .map((manifest) => forControllersOf(user, manifest)),
  );
  applyQueues(32);
}, 400_000);

afterAll(async () => {
  await kueue?.stop();
  // Also what an unfinished start has left.
  await stopCluster(clusterName, directory);
  rmSync(directory, { recursive: true, force: true });
});

beforeEach((context) => {
  if (missing !== undefined) {
    context.skip(missing);
  }
});

describe("Kueue's controller, from the configuration and the queues of a small hall", () => {
  test("takes every queue into service, and none waits for a check that nobody answers", async () => {
    for (const name of ["research", "burn-in"]) {
      await vi.waitFor(() => {
        const queue = kubectl.get("clusterqueues.kueue.x-k8s.io", name);
        const active = queue?.status?.conditions?.find(({ type }) => type === "Active");
        expect(active).toMatchObject({ status: "True", message: "Can admit new workloads" });
      }, waitOptions);
    }
    expect(kubectl.get("admissionchecks.kueue.x-k8s.io", "ertis")).toBeDefined();
  });

  test("starts jobs within the hall's watts and holds one beyond, with the watts that are short", async () => {
    const { hallWatts, perGpu } = wattQuota(hall.plan, hall.cluster);
    expect(hallWatts).toBe(20_840);
    expect(perGpu[0]?.hallWatts).toBe(963);
    submit("first");
    // By the name that device plugins use; it counts as the hall's only model.
    submit("second", { resource: "nvidia.com/gpu" });
    await untilRunning("first");
    await untilRunning("second");
    submit("third");
    const reason = await reasonOfWaiting("third", /hall-watts/);
    expect(reason).toMatch(
      /insufficient unused quota for ertis\.kz\/hall-watts in flavor hall-power/,
    );
    expect(reason).toContain(`${3 * 8 * 963 - hallWatts} more needed`);
    expect(jobOf("third")?.spec?.suspend).toBe(true);
    remove("first");
    await untilRunning("third");
    remove("second", "third");
  });

  test("holds what a lowered limit leaves no room for, and starts it when the limit is back", async () => {
    submit("first");
    await untilRunning("first");
    // 56 kW of two modules leave 12,840 W: one node.
    applyQueues(28);
    submit("second");
    const reason = await reasonOfWaiting("second", /hall-watts.*more needed/);
    expect(reason).toContain(`${2 * 8 * 963 - 12_840} more needed`);
    expect(jobOf("second")?.spec?.suspend).toBe(true);
    expect(jobOf("first")?.spec?.suspend).toBe(false);
    applyQueues(32);
    await untilRunning("second");
    remove("first", "second");
  });

  test("puts a job that asks for one rack into one rack, and never on a host that is being proved", async () => {
    submit("pair", { podCount: 2, sameLevel: "ertis.kz/rack" });
    const pods = await untilRunning("pair");
    const nodes = pods.map(({ spec }) => kubectl.get("node", spec?.nodeName ?? ""));
    const places = nodes.map((node) => {
      const labels = node?.metadata.labels ?? {};
      return `${labels["ertis.kz/row"]}/${labels["ertis.kz/rack"]} ${labels["ertis.kz/state"]}`;
    });
    expect(pods).toHaveLength(2);
    expect(new Set(places).size, places.join(", ")).toBe(1);
    expect(places[0]).toContain("production");
    remove("pair");
  });

  test("proves a host with the watts that research leaves, and gives them back when it needs them", async () => {
    submit("first");
    await untilRunning("first");
    const burnIn = gpuJob({ name: "proof", namespace: "node-health", resource: model });
    kubectl.apply([burnIn]);
    const [pod] = await vi.waitFor(() => {
      const pods = kubectl.list("pods", "node-health");
      expect(pods.map(({ status }) => status?.phase)).toEqual(["Running"]);
      return pods;
    }, waitOptions);
    expect(pod?.spec?.nodeName).toBe("small-s1-h1-r3-k2-n2");
    // Both together are 15,408 of 20,840 W. A second job needs what the proof has borrowed.
    submit("second");
    await untilRunning("second");
    expect(kubectl.get("job", "proof", "node-health")?.spec?.suspend).toBe(true);
    kubectl.run(["delete", "job", "proof", "-n", "node-health"]);
    remove("first", "second");
  });
});
