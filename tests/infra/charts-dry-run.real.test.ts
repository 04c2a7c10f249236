import * as charts from "@ertis/charts";
import type { Manifest } from "@ertis/charts";
import {
  clusterParts,
  crdFamilies,
  crdSource,
  findToolchain,
  missingParts,
  programPath,
  type RunningCluster,
  startCluster,
  stopCluster,
  type Toolchain,
} from "@ertis/infra-toolchain";
import type { ClusterPlan, SitePlan } from "@ertis/provisioning-model";
import { loadPlans, loadSiteTexts } from "@ertis/provisioning-model/load";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const plans = readPlans();
const provisioned = plans.filter(({ mode }) => mode === "provisioned");
const registered = plans.filter(({ mode }) => mode === "registered");

/** Halls that differ in shape: one for each set of node classes of each site, with few hosts. */
const halls = provisioned.flatMap((plan) => {
  const seen = new Set<string>();
  return plan.clusters.flatMap((cluster) => {
    const classes = cluster.nodeClasses.map(({ name }) => name).join();
    const isNew = !seen.has(classes);
    seen.add(classes);
    return isNew ? [{ plan, cluster: withFewHosts(cluster) }] : [];
  });
});

/** How each exported `…Manifests` is called. One that is missing here fails the first test below. */
const calls: Readonly<Record<string, () => readonly Manifest[]>> = {
  managementManifests: () => charts.managementManifests(plans),
  inventoryManifests: () => ofHalls(charts.inventoryManifests),
  clusterManifests: () =>
    ofHalls((plan, cluster) =>
      charts.clusterManifests(plan, cluster, { infrastructure: "metal3" }),
    ),
  platformManifests: () => ofHalls((plan, hall) => charts.platformManifests(plan, hall)),
  queueManifests: () => [
    ...ofHalls((plan, hall) => charts.queueManifests(plan, hall)),
    ...registered.flatMap((plan) => charts.queueManifests(plan, undefined)),
  ],
  schedulerManifests: () => charts.schedulerManifests(plans, { siteTexts: loadSiteTexts(plans) }),
  registeredClusterManifests: () =>
    registered.flatMap((plan) => charts.registeredClusterManifests(plan)),
};

let toolchain: Toolchain;
let cluster: RunningCluster | undefined;
let skipReason: string | undefined;
const clusterName = "charts-dry-run";
const stateDirectory = mkdtempSync(join(tmpdir(), "ertis-charts-dry-run-"));

beforeAll(async () => {
  toolchain = await findToolchain();
  skipReason = missingParts(toolchain, clusterParts);
  if (skipReason === undefined) {
    cluster = await startCluster({
      name: clusterName,
      crds: crdFamilies,
      stateDirectory,
      toolchain,
    });
  }
});

afterAll(async () => {
  // Also where it came up only in part.
  if (skipReason === undefined) {
    await stopCluster(clusterName, stateDirectory);
  }
  rmSync(stateDirectory, { recursive: true, force: true });
});

test("every function of the charts that gives manifests is checked here", () => {
  const exported = Object.keys(charts).filter((name) => /^[a-z]\w*Manifests$/u.test(name));
  expect(exported.toSorted()).toEqual(Object.keys(calls).toSorted());
});

test("the API server refuses a field it does not know", async (context) => {
  context.skip(skipReason !== undefined, skipReason);
  const manifests = calls["managementManifests"]?.() ?? [];
  const policy = manifests.find(({ kind }) => kind === "NetworkPolicy");
  const { exitCode, stderr } = await dryRun([
    { ...policy, metadata: { name: "wrong", namespace: "default" }, spec: { podSelektor: {} } },
  ]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("podSelektor");
});

test("in-memory clusters are taken as well", async (context) => {
  context.skip(skipReason !== undefined, skipReason);
  const folder = toolchain.configDirectories["cluster-api-test"];
  const definitions = join(folder ?? "", "infrastructure/docker/config/crd/bases");
  context.skip(
    folder === undefined || !existsSync(definitions),
    "needs the definitions of Cluster API's development provider: run `npm run toolchain`",
  );
  const applied = await kubectl(["apply", "--server-side", "--filename", definitions]);
  expect(applied.stderr).toBe("");
  const manifests = ofHalls((plan, hall) =>
    charts.clusterManifests(plan, hall, { infrastructure: "in-memory" }),
  );
  await createNamespaces(manifests);
  await expectTaken(manifests);
});

test.for(crdFamilies)("the definitions of %s are real ones", (family, context) => {
  context.skip(
    crdSource(family).kind === "open",
    `the fields of its kinds were not checked: run \`npm run toolchain\` or set ERTIS_CRDS_DIR`,
  );
  expect(existsSync(crdSource(family).directory)).toBe(true);
});

describe.each(Object.entries(calls))("%s", (_name, manifestsOf) => {
  test("is taken by a real API server, field by field", async (context) => {
    context.skip(skipReason !== undefined, skipReason);
    const manifests = manifestsOf();
    expect(manifests.length).toBeGreaterThan(0);
    await createNamespaces(manifests);
    await expectTaken(manifests);
  });
});

function readPlans(): readonly SitePlan[] {
  const result = loadPlans();
  if (result.kind === "errors") {
    throw new Error(
      result.errors.map(({ file, line, message }) => `${file}:${line} ${message}`).join("\n"),
    );
  }
  return result.plans;
}

/** Management hosts and the first two GPU hosts of each feed; the others differ in nothing but names. */
function withFewHosts(hall: ClusterPlan): ClusterPlan {
  const counts = new Map<string, number>();
  const hosts = hall.hosts.filter(({ role, powerFeed }) => {
    const count = (counts.get(powerFeed) ?? 0) + (role === "gpu" ? 1 : 0);
    counts.set(powerFeed, count);
    return role !== "gpu" || count <= 2;
  });
  return { ...hall, hosts };
}

function ofHalls(
  manifestsOf: (plan: SitePlan, hall: ClusterPlan) => readonly Manifest[],
): readonly Manifest[] {
  return halls.flatMap(({ plan, cluster: hall }) => manifestsOf(plan, hall));
}

/** A dry run makes nothing, so the namespaces that objects go to must be there before. */
async function createNamespaces(manifests: readonly Manifest[]): Promise<void> {
  const names = new Set(
    manifests.flatMap(({ metadata }) =>
      metadata.namespace === undefined ? [] : [metadata.namespace],
    ),
  );
  const namespaces = [...names].map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name },
  }));
  const { exitCode, stderr } = await kubectl(
    ["apply", "--server-side", "--filename", "-"],
    namespaces,
  );
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
}

async function expectTaken(manifests: readonly Manifest[]): Promise<void> {
  const { exitCode, stdout, stderr } = await dryRun(manifests);
  expect(stderr.trim()).toBe("");
  expect(exitCode).toBe(0);
  expect(stdout.trim().split("\n")).toHaveLength(manifests.length);
}

async function dryRun(manifests: readonly object[]): Promise<Outcome> {
  return kubectl(
    ["apply", "--server-side", "--dry-run=server", "--validate=strict", "--filename", "-"],
    manifests,
  );
}

interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function kubectl(words: readonly string[], items?: readonly object[]): Promise<Outcome> {
  const kubeconfig = cluster?.kubeconfigPath ?? "";
  const cache = join(stateDirectory, "kubectl");
  const child = spawn(programPath(toolchain, "kubectl"), [
    `--kubeconfig=${kubeconfig}`,
    `--cache-dir=${cache}`,
    ...words,
  ]);
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => stream.setEncoding("utf8"));
  const texts = Promise.all(
    [stdout, stderr].map(async (stream) => (await stream?.toArray())?.join("") ?? ""),
  );
  child.stdin.end(JSON.stringify({ apiVersion: "v1", kind: "List", items: items ?? [] }));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [out = "", error = ""] = await texts;
  return { exitCode, stdout: out, stderr: error };
}
