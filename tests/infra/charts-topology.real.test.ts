import { clusterManifests, inventoryManifests, type Manifest } from "@ertis/charts";
import {
  clusterParts,
  findToolchain,
  missingParts,
  type PartName,
  programPath,
  type RunningCluster,
  startCluster,
  stopCluster,
} from "@ertis/infra-toolchain";
import { findCluster, limitHosts } from "@ertis/provisioning-model";
import { loadPlans } from "@ertis/provisioning-model/load";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type RunningManagers, startManagers } from "./cluster-api/managers.ts";

/**
 * Cluster API's own controllers and webhooks on the class over Metal3. Metal3 itself does not run here, so
 * no machine is ever made; but the class is taken, its patches are applied, and what Metal3 would be
 * asked for is there to be read.
 */
const hall = "pavlodar-hub-s1-h1";
const managerParts: readonly PartName[] = [
  "capi-core",
  "capi-kubeadm-bootstrap",
  "capi-kubeadm-control-plane",
];
const toolchain = await findToolchain();
const skipReason =
  missingParts(toolchain, [...clusterParts, ...managerParts]) ??
  (hasOpenssl() ? undefined : "needs openssl for the webhooks' certificate: install openssl");
const scratch = mkdtempSync(join(tmpdir(), "ertis-charts-topology-"));
const clusterName = "charts-topology";

let cluster: RunningCluster | undefined;
let managers: RunningManagers | undefined;

beforeAll(async () => {
  if (skipReason !== undefined) {
    return;
  }
  cluster = await startCluster({
    name: clusterName,
    crds: ["metal3-baremetal-operator", "metal3-capm3", "metal3-ipam", "external-secrets"],
    stateDirectory: scratch,
    toolchain,
  });
  const folder = toolchain.configDirectories["cluster-api"] ?? "";
  managers = await startManagers({
    managers: [
      ["capi-core", "config/default"] as const,
      ["capi-kubeadm-bootstrap", "bootstrap/kubeadm/config/default"] as const,
      ["capi-kubeadm-control-plane", "controlplane/kubeadm/config/default"] as const,
    ].map(([name, path]) => ({
      name,
      program: programPath(toolchain, name),
      folder: join(folder, path),
    })),
    kubectl: programPath(toolchain, "kubectl"),
    kubeconfig: cluster.kubeconfigPath,
    scratch,
  });
});

afterAll(async () => {
  await managers?.stop();
  if (skipReason === undefined) {
    await stopCluster(clusterName, scratch);
  }
  rmSync(scratch, { recursive: true, force: true });
});

test("Cluster API makes of the class over Metal3 what the hall needs", async (context) => {
  context.skip(skipReason !== undefined, skipReason);
  const found = smallHall();
  apply(inventoryManifests(found.plan, found.cluster));
  apply(clusterManifests(found.plan, found.cluster, { infrastructure: "metal3" }));
  await untilReconciled();

  const [metalCluster] = objects("metal3clusters");
  expect(metalCluster).toMatchObject({
    metadata: { annotations: { "metal3.io/metal3-label-sync-prefixes": "ertis.kz" } },
    spec: {
      controlPlaneEndpoint: { host: found.cluster.networks.controlPlaneAddress, port: 6443 },
    },
  });

  const version = `v${found.cluster.kubernetesVersion}`;
  const { url, sha256 } = found.cluster.hostImage;
  const machineTemplates = objects("metal3machinetemplates").filter(isOwnedByTopology);
  const deployments = objects("machinedeployments");
  expect(deployments.length).toBeGreaterThanOrEqual(found.cluster.powerFeeds.length);
  // One for each deployment and one for the control plane.
  expect(machineTemplates).toHaveLength(deployments.length + 1);
  for (const template of machineTemplates) {
    expect(template).toMatchObject({
      spec: {
        nodeReuse: true,
        template: { spec: { image: { url, checksum: sha256, checksumType: "sha256" } } },
      },
    });
  }

  const feeds = found.cluster.powerFeeds.map(({ name }) => name);
  for (const deployment of deployments) {
    expect(deployment).toMatchObject({
      spec: {
        rollout: { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } },
        template: { spec: { failureDomain: expect.toBeOneOf(feeds), version } },
      },
    });
  }
  expect(objects("machinehealthchecks")).toHaveLength(deployments.length + 1);
  expect(objects("kubeadmcontrolplanes")).toMatchObject([
    { spec: { replicas: 3, version, rollout: { strategy: { type: "RollingUpdate" } } } },
  ]);
});

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function smallHall(): NonNullable<ReturnType<typeof findCluster>> {
  const loaded = loadPlans();
  const plans = loaded.kind === "plans" ? loaded.plans : [];
  const found = findCluster(
    plans.map((plan) => (plan.mode === "provisioned" ? limitHosts(plan, 32) : plan)),
    hall,
  );
  if (found === undefined) {
    throw new Error(`the site files have no hall ${hall}`);
  }
  return found;
}

function kubectl(words: readonly string[], input?: string): string {
  return execFileSync(
    programPath(toolchain, "kubectl"),
    [
      `--kubeconfig=${cluster?.kubeconfigPath}`,
      `--cache-dir=${join(scratch, "kubectl")}`,
      ...words,
    ],
    { encoding: "utf8", maxBuffer: 64 * 1024 ** 2, ...(input === undefined ? {} : { input }) },
  );
}

function apply(manifests: readonly Manifest[]): void {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: manifests });
  kubectl(["apply", "--server-side", "--validate=strict", "--filename=-"], list);
}

interface FoundObject {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly [key: string]: unknown;
}

function objects(resource: string): readonly FoundObject[] {
  const list: { readonly items: readonly FoundObject[] } = JSON.parse(
    kubectl(["get", resource, `--namespace=${hall}`, "--output=json"]),
  );
  return list.items;
}

function isOwnedByTopology({ metadata }: FoundObject): boolean {
  return metadata.labels?.["topology.cluster.x-k8s.io/owned"] !== undefined;
}

/** The condition comes once, after the first pass over the whole class. */
async function untilReconciled(): Promise<void> {
  await vi.waitFor(
    () => {
      const [found] = objects("clusters.cluster.x-k8s.io");
      expect(found).toMatchObject({
        status: {
          conditions: expect.arrayContaining([
            expect.objectContaining({ type: "TopologyReconciled", status: "True" }),
          ]),
        },
      });
    },
    { timeout: 120_000, interval: 500 },
  );
}
