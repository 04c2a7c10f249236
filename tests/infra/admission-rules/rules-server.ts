import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platformManifests } from "@ertis/charts";
import { programPath, startCluster, stopCluster, type Toolchain } from "@ertis/infra-toolchain";
import { findCluster } from "@ertis/provisioning-model";
import { loadPlans } from "@ertis/provisioning-model/load";
import { expect, vi } from "vitest";
import { job, namespace, pod, tenant } from "./objects.ts";

export interface Said {
  readonly isAllowed: boolean;
  readonly message: string;
}

/** An API server with the rules of a hall, which hold. */
export interface RulesServer {
  /** kubectl with these arguments, and the object at its standard input. */
  readonly send: (object: unknown, ...args: readonly string[]) => Said;
  readonly stop: () => Promise<void>;
}

/** Arguments that have an object judged and not made. */
export const dryCreate = ["create", "--dry-run=server", "-f", "-"] as const;

const clusterName = "admission";

/** Those that the platform stack writes for a hall whose hosts draw their peak with one GPU already. */
function hallRules(): readonly unknown[] {
  const parsed = loadPlans();
  const found =
    parsed.kind === "plans" ? findCluster(parsed.plans, "ai-data-center-s1-h2") : undefined;
  if (found === undefined) {
    throw new Error("the AI data center has no second hall any more");
  }
  return platformManifests(found.plan, found.cluster).filter(({ kind }) =>
    kind.startsWith("ValidatingAdmissionPolicy"),
  );
}

export async function startRulesServer(toolchain: Toolchain): Promise<RulesServer> {
  const directory = mkdtempSync(join(tmpdir(), "ertis-admission-"));
  const { kubeconfigPath } = await startCluster({
    name: clusterName,
    crds: [],
    stateDirectory: directory,
    toolchain,
  });
  const kubectl = programPath(toolchain, "kubectl");
  const send: RulesServer["send"] = (object, ...args) => {
    const { status, stderr } = spawnSync(kubectl, ["--kubeconfig", kubeconfigPath, ...args], {
      input: JSON.stringify(object),
      encoding: "utf8",
    });
    return { isAllowed: status === 0, message: stderr };
  };
  const stop = async (): Promise<void> => {
    await stopCluster(clusterName, directory);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await writeRules(send);
  } catch (error) {
    await stop();
    throw error;
  }
  return { send, stop };
}

async function writeRules(send: RulesServer["send"]): Promise<void> {
  const apply = (items: readonly unknown[]): void => {
    const list = { apiVersion: "v1", kind: "List", items };
    const said = send(list, "apply", "--server-side", "--validate=strict", "-f", "-");
    expect(said.isAllowed, said.message).toBe(true);
  };
  apply([
    namespace(tenant, "open"),
    namespace("node-health", "node-health"),
    namespace("open"),
    namespace("old"),
  ]);
  // Before there were rules; a new namespace has its service account a moment later.
  const foreign = pod({ namespace: "old", image: "nginx:1", finalizers: ["ertis.kz/test"] });
  await vi.waitFor(() => expect(send(foreign, "create", "-f", "-").message).toBe(""), {
    timeout: 30_000,
    interval: 250,
  });
  apply(hallRules());
  // Rules begin to hold a moment after they are written.
  await vi.waitFor(
    () => {
      expect(send(pod({ image: "nginx:1" }), ...dryCreate).isAllowed).toBe(false);
      expect(send(job({ labels: {} }), ...dryCreate).message).toContain("ertis.kz/project");
    },
    { timeout: 60_000, interval: 250 },
  );
}
