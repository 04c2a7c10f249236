import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCluster, limitHosts } from "@ertis/provisioning-model";
import { loadPlans } from "@ertis/provisioning-model/load";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { crdSource } from "../crds/crd-source.ts";
import { findToolchain } from "../find-toolchain.ts";
import { killProcesses, markProcess, type ProcessMark } from "../programs/processes.ts";
import { runProgram } from "../programs/run-program.ts";
import { missingParts, programPath, type Toolchain } from "../toolchain.ts";
import { clusterFiles, readRecord, recordedClusters, writeRecord } from "./cluster-files.ts";
import { clusterStatus } from "./cluster-status.ts";
import { kwokNodes } from "./kwok-nodes.ts";
import type { Manifest } from "./manifest.ts";
import { clusterParts, startCluster, stopCluster } from "./start-cluster.ts";

const toolchain: Toolchain = await findToolchain();
const missing = missingParts(toolchain, clusterParts);
let stateDirectory: string;

beforeAll(() => {
  stateDirectory = mkdtempSync(join(tmpdir(), "ertis-clusters-"));
});

afterAll(async () => {
  for (const name of recordedClusters(stateDirectory)) {
    await stopCluster(name, stateDirectory);
  }
  rmSync(stateDirectory, { recursive: true, force: true });
});

beforeEach((context) => {
  if (missing !== undefined) {
    context.skip(missing);
  }
});

async function kubectl(name: string, ...command: readonly string[]): Promise<string> {
  const { kubeconfigPath } = clusterFiles(stateDirectory, name);
  const said = await runProgram(programPath(toolchain, "kubectl"), [
    `--kubeconfig=${kubeconfigPath}`,
    `--cache-dir=${join(stateDirectory, "kubectl")}`,
    ...command,
  ]);
  return said.stdout + said.stderr;
}

function processesOf(name: string): readonly ProcessMark[] {
  return readRecord(clusterFiles(stateDirectory, name))?.processes ?? [];
}

/** A few hosts of the hub in its first hall. */
function hubNodes(): readonly Manifest[] {
  const read = loadPlans();
  const plans = read.kind === "plans" ? read.plans.map((plan) => limitHosts(plan, 8)) : [];
  const found = findCluster(plans, "pavlodar-hub-s1-h1");
  return found === undefined ? [] : kwokNodes(found.plan, found.cluster);
}

describe("local clusters", () => {
  it("come up with definitions and nodes, stay up, and go without a trace", async () => {
    const nodes = hubNodes();
    const options = { name: "one", nodes, crds: ["jobset"], stateDirectory, toolchain } as const;
    const cluster = await startCluster(options);
    expect(cluster.isNew).toBe(true);
    expect(await clusterStatus("one", { stateDirectory, toolchain })).toMatchObject({
      isReachable: true,
      version: `v${toolchain.parts.find((part) => part.name === "kube-apiserver")?.version}`,
      nodeCount: nodes.length,
      crdCount: 1,
      runningProcessCount: 5,
    });
    const processes = processesOf("one");
    expect(processes).toHaveLength(5);

    expect(await startCluster(options)).toMatchObject({ isNew: false });
    expect(processesOf("one")).toEqual(processes);

    await cluster.stop();
    expect(processes.filter(({ pid }) => markProcess(pid) !== undefined)).toEqual([]);
    expect(existsSync(clusterFiles(stateDirectory, "one").clusterDirectory)).toBe(false);
    expect(await clusterStatus("one", { stateDirectory, toolchain })).toBeUndefined();
  });

  it("stand side by side by name, and one goes without the other", async () => {
    const start = async (name: string): Promise<unknown> =>
      startCluster({ name, nodes: hubNodes(), crds: [], stateDirectory, toolchain });
    await Promise.all([start("left"), start("right")]);
    await kubectl("left", "create", "namespace", "only-left");
    expect(await kubectl("right", "get", "namespaces", "-o", "name")).not.toContain("only-left");
    await stopCluster("left", stateDirectory);
    expect(await kubectl("right", "get", "--raw", "/readyz")).toBe("ok");
  });

  it("have nodes that become ready and carry the GPUs of their class", async () => {
    const [node] = hubNodes();
    const name = node?.metadata.name ?? "";
    expect(await kubectl("right", "wait", "--for=condition=Ready", `node/${name}`)).toContain(
      "condition met",
    );
    const gpus = await kubectl(
      "right",
      "get",
      "node",
      name,
      String.raw`-o=jsonpath={.status.allocatable.nvidia\.com/h100-sxm-80gb} {.spec.taints[?(@.key=="nvidia.com/gpu")].key}`,
    );
    expect(gpus).toBe("8 nvidia.com/gpu");
  });

  it("follow a host that was sent to repair when they are brought up again", async () => {
    const nodes = hubNodes().map((node) => ({
      ...node,
      metadata: {
        ...node.metadata,
        labels: { ...node.metadata.labels, "ertis.kz/state": "repair" },
      },
    }));
    await startCluster({ name: "right", nodes, crds: [], stateDirectory, toolchain });
    const states = await kubectl("right", "get", "nodes", "-L", "ertis.kz/state", "--no-headers");
    expect(states.match(/ repair$/gm)).toHaveLength(nodes.length);
  });

  it("get real shapes checked where the definitions are real", async (context) => {
    const source = crdSource("kueue");
    if (source.kind === "open") {
      context.skip("needs the definitions of kueue: run `npm run toolchain` or set ERTIS_CRDS_DIR");
    }
    await startCluster({ name: "right", crds: ["kueue"], stateDirectory, toolchain });
    const flavor = join(stateDirectory, "flavor.json");
    writeFileSync(
      flavor,
      JSON.stringify({
        apiVersion: "kueue.x-k8s.io/v1beta2",
        kind: "ResourceFlavor",
        metadata: { name: "f" },
        spec: { nodeLabel: {} },
      }),
    );
    const said = await kubectl("right", "apply", "--server-side", "--dry-run=server", "-f", flavor);
    expect(said).toContain(".spec.nodeLabel: field not declared in schema");
  });

  it("of which a process has died are started anew", async () => {
    const [first] = processesOf("right");
    await killProcesses(first === undefined ? [] : [first]);
    const again = await startCluster({ name: "right", crds: [], stateDirectory, toolchain });
    expect(again.isNew).toBe(true);
    expect(processesOf("right").some(({ pid }) => pid === first?.pid)).toBe(false);
  });

  it("that an interrupted start left without a record of processes are ended too", async () => {
    const files = clusterFiles(stateDirectory, "right");
    const processes = processesOf("right");
    writeRecord(files, { name: "right", processes: [], crds: [] });
    expect(await stopCluster("right", stateDirectory)).toBe(5);
    expect(processes.filter(({ pid }) => markProcess(pid) !== undefined)).toEqual([]);
  });

  it("are refused under a name that is no name", async () => {
    await expect(
      startCluster({ name: "../x", crds: [], stateDirectory, toolchain }),
    ).rejects.toThrow('"../x" is no name for a cluster');
  });
});
