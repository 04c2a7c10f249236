import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  clusterParts,
  engineEnvironment,
  findToolchain,
  missingParts,
  type PartName,
  programPath,
  startCluster,
  stopCluster,
} from "@ertis/infra-toolchain";
import { findCluster, limitHosts } from "@ertis/provisioning-model";
import { defaultSitesDirectory, loadPlans } from "@ertis/provisioning-model/load";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ManagerDescription, startManagers } from "./managers.ts";
import { importOutputs, pulumi, type RealStack } from "./real-stack.ts";

const managerParts: readonly PartName[] = [
  "capi-core",
  "capi-kubeadm-bootstrap",
  "capi-kubeadm-control-plane",
  "capi-dev",
];
const engineParts: readonly PartName[] = [
  "pulumi",
  "pulumi-language-nodejs",
  "pulumi-resource-kubernetes",
];

/** One hall of a site with two built halls: it gets half of what `ertis:hostsPerSite` says. */
const hall = "ai-data-center-s1-h1";
const siteId = "ai-data-center";

const toolchain = await findToolchain();
const skipReason =
  missingParts(toolchain, [...engineParts, ...clusterParts, ...managerParts]) ??
  (hasOpenssl() ? undefined : "needs openssl for the webhooks' certificate: install openssl");

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

interface World {
  readonly scratch: string;
  readonly sites: string;
  readonly inventory: RealStack;
  readonly cluster: RealStack;
  readonly kubectl: (...args: readonly string[]) => string;
  readonly end: () => Promise<void>;
}

function managers(): readonly ManagerDescription[] {
  const core = toolchain.configDirectories["cluster-api"] ?? "";
  const dev = toolchain.configDirectories["cluster-api-test"] ?? "";
  const manager = (name: PartName, folder: string): ManagerDescription => ({
    name,
    program: programPath(toolchain, name),
    folder,
  });
  return [
    manager("capi-core", join(core, "config/default")),
    manager("capi-kubeadm-bootstrap", join(core, "bootstrap/kubeadm/config/default")),
    manager("capi-kubeadm-control-plane", join(core, "controlplane/kubeadm/config/default")),
    manager("capi-dev", join(dev, "infrastructure/docker/config/default")),
  ];
}

async function startWorld(): Promise<World> {
  const scratch = mkdtempSync(join(tmpdir(), "ertis-cluster-api-"));
  const sites = join(scratch, "sites");
  cpSync(defaultSitesDirectory, sites, { recursive: true });
  // Fewer machines to roll, and still pools of two.
  editSite(sites, (text) => text.replace("storageHosts: 6", "storageHosts: 3"));
  const endings: (() => Promise<unknown>)[] = [];
  const end = async (): Promise<void> => {
    for (const ending of endings.toReversed()) {
      await ending();
    }
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    endings.push(() => stopCluster("management", scratch));
    const { kubeconfigPath: kubeconfig } = await startCluster({
      name: "management",
      crds: [],
      stateDirectory: scratch,
      toolchain,
    });
    const program = programPath(toolchain, "kubectl");
    const options = { managers: managers(), kubectl: program, kubeconfig, scratch };
    const running = await startManagers(options);
    endings.push(() => running.stop());
    const place = { scratch, sites, kubeconfig };
    return {
      scratch,
      sites,
      inventory: openStack({ project: "inventory", stack: hall, ...place }),
      cluster: openStack({ project: "clusters", stack: hall, ...place }),
      kubectl: (...args) =>
        execFileSync(program, ["--kubeconfig", kubeconfig, ...args], { encoding: "utf8" }),
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function editSite(sites: string, edit: (text: string) => string): void {
  const file = join(sites, "provisioning", `${siteId}.yaml`);
  const before = readFileSync(file, "utf8");
  const after = edit(before);
  expect(after).not.toBe(before);
  writeFileSync(file, after);
}

function openStack({
  project,
  stack,
  scratch,
  sites,
  kubeconfig,
}: Pick<RealStack, "project" | "stack"> & {
  readonly scratch: string;
  readonly sites: string;
  readonly kubeconfig: string;
}): RealStack {
  const environment = engineEnvironment(toolchain, {
    stateDirectory: scratch,
    variables: { ERTIS_SITES_DIR: sites },
  });
  const settingsDirectory = join(scratch, project);
  mkdirSync(settingsDirectory);
  const settings = {
    "ertis:profile": "local",
    "ertis:infrastructure": "in-memory",
    "ertis:managementKubeconfig": kubeconfig,
  };
  writeFileSync(
    join(settingsDirectory, "Pulumi.yaml"),
    `name: ${project}
runtime: nodejs
`,
  );
  writeFileSync(
    join(settingsDirectory, `Pulumi.${stack}.yaml`),
    JSON.stringify({ config: settings }),
  );
  return { project, stack, environment, settingsDirectory };
}

async function up(world: World, hostsPerSiteCount: number): Promise<void> {
  const { cluster } = world;
  await pulumi(cluster, "settings", "config", "set", "ertis:hostsPerSite", `${hostsPerSiteCount}`);
  await pulumi(cluster, "program", "up", "--yes", "--skip-preview");
}

interface ClusterStatus {
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly observedGeneration?: number;
  }[];
  readonly controlPlane?: Counts;
  readonly workers?: Counts;
}

interface ClusterObject {
  readonly metadata: { readonly generation: number };
  readonly status?: ClusterStatus;
}

interface Counts {
  readonly desiredReplicas?: number;
  readonly availableReplicas?: number;
  readonly upToDateReplicas?: number;
}

/** Waits until Cluster API calls the cluster available, with every machine there and up to date. */
async function untilSettled(world: World, hostCount: number): Promise<ClusterStatus> {
  return vi.waitFor(
    () => {
      const text = world.kubectl("get", "cluster", "-n", hall, hall, "-o", "json");
      const { metadata, status = {} }: ClusterObject = JSON.parse(text);
      for (const name of ["Available", "TopologyReconciled"]) {
        const condition = status.conditions?.find(({ type }) => type === name);
        expect(condition?.status).toBe("True");
        expect(condition?.observedGeneration).toBe(metadata.generation);
      }
      for (const counts of [status.controlPlane, status.workers]) {
        expect(counts?.availableReplicas).toBe(counts?.desiredReplicas);
        expect(counts?.upToDateReplicas).toBe(counts?.desiredReplicas);
      }
      expect(
        (status.controlPlane?.desiredReplicas ?? 0) + (status.workers?.desiredReplicas ?? 0),
      ).toBe(hostCount);
      return status;
    },
    { timeout: 300_000, interval: 1000 },
  );
}

function machineNames(world: World): readonly string[] {
  return world.kubectl("get", "machines", "-n", hall, "-o", "name").trim().split("\n").toSorted();
}

async function untilGone(world: World, names: readonly string[]): Promise<void> {
  await vi.waitFor(
    () => expect(machineNames(world).filter((name) => names.includes(name))).toEqual([]),
    { timeout: 300_000, interval: 1000 },
  );
}

/** The nodes that the cluster itself knows, asked through the kubeconfig that Cluster API wrote. */
function nodeCount(world: World): number {
  const secret = `jsonpath={.data.value}`;
  const encoded = world.kubectl("get", "secret", "-n", hall, `${hall}-kubeconfig`, "-o", secret);
  const path = join(world.scratch, "workload.kubeconfig");
  writeFileSync(path, Buffer.from(encoded, "base64"), { mode: 0o600 });
  const program = programPath(toolchain, "kubectl");
  const args = ["--kubeconfig", path, "get", "nodes", "-o", "name"];
  return execFileSync(program, args, { encoding: "utf8" }).trim().split("\n").length;
}

/** What the site's plan says the hall has, for so many hosts a site. */
function plannedHostCount(world: World, hostsPerSiteCount: number): number {
  const loaded = loadPlans(world.sites);
  const plans = loaded.kind === "plans" ? loaded.plans : [];
  const limited = plans.map((plan) =>
    plan.site.id === siteId ? limitHosts(plan, hostsPerSiteCount) : plan,
  );
  return findCluster(limited, hall)?.cluster.hosts.length ?? 0;
}

describe("a cluster of the stack, made by the managers of Cluster API with machines in memory", () => {
  let world: World | undefined;

  beforeAll(async () => {
    if (skipReason === undefined) {
      world = await startWorld();
    }
  });

  afterAll(async () => {
    await world?.end();
  });

  test("becomes available with its nodes, scales, rolls a template, and goes", async (context) => {
    if (world === undefined) {
      context.skip(skipReason);
      return;
    }
    for (const stack of [world.inventory, world.cluster]) {
      await pulumi(stack, "settings", "stack", "init");
    }
    // Machines in memory need no hosts: of the inventory only the namespace is left.
    world.kubectl("create", "namespace", hall);
    await importOutputs(world.inventory, { namespace: hall });
    await up(world, 6);
    await untilSettled(world, plannedHostCount(world, 6));
    expect(nodeCount(world)).toBe(plannedHostCount(world, 6));

    // A fourth GPU host: the pool of one power feed gets its second machine.
    await up(world, 8);
    const hostCount = plannedHostCount(world, 8);
    expect(hostCount).toBeGreaterThan(plannedHostCount(world, 6));
    const scaled = await untilSettled(world, hostCount);
    expect(nodeCount(world)).toBe(hostCount);
    expect(scaled.controlPlane?.desiredReplicas).toBe(3);

    // Where nodes find images is in the templates of all machines.
    const before = machineNames(world);
    editSite(world.sites, (text) => {
      const registry = /^registry: (.*)$/m.exec(text)?.[1] ?? "";
      return text.replaceAll(registry, `second-${registry}`);
    });
    await up(world, 8);
    await untilGone(world, before);
    await untilSettled(world, hostCount);
    expect(machineNames(world)).toHaveLength(before.length);

    await pulumi(world.cluster, "settings", "destroy", "--yes", "--skip-preview");
    expect(world.kubectl("get", "machines,clusters,clusterclasses", "-n", hall, "-o", "name")).toBe(
      "",
    );
  });
});
