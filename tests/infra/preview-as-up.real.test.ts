import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openWorkspace, runEngine, runGuarded } from "@ertis/infra-operations";
import type { EngineCommand, EngineResult } from "@ertis/infra-operations";
import { engineEnvironment, programPath, startCluster } from "@ertis/infra-toolchain";
import type { RunningCluster } from "@ertis/infra-toolchain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findLocalEngine } from "./local-engine.ts";

const { toolchain, missing } = await findLocalEngine();
const directory = mkdtempSync(join(tmpdir(), "ertis-preview-as-up-"));
let cluster: RunningCluster | undefined;

async function runOf(command: EngineCommand): Promise<EngineResult> {
  const variables = {
    KUBECONFIG: cluster?.kubeconfigPath ?? "",
    OBJECT_COUNT: "3",
    OBJECT_VALUE: "ours",
  };
  const workspace = openWorkspace({
    project: "interrupted-up",
    stack: "main",
    projectDirectory: join(import.meta.dirname, "interrupted-up"),
    stateDirectory: directory,
    environment: engineEnvironment(toolchain, { stateDirectory: directory, variables }),
    config: {},
  });
  return command === "up" ? runGuarded(workspace, { command }) : runEngine(workspace, { command });
}

/** What a run changes, or would: one form for both. */
function whatOf(result: EngineResult): object {
  const { counts, changes, errors } = result;
  const objects = changes.map(({ op, name, properties }) => ({
    op,
    name,
    paths: properties.map(({ path }) => path),
  }));
  return { counts, objects, errors };
}

function kubectl(...args: readonly string[]): string {
  const said = spawnSync(
    programPath(toolchain, "kubectl"),
    ["--kubeconfig", cluster?.kubeconfigPath ?? "", "-n", "default", ...args],
    { encoding: "utf8" },
  );
  expect(said.status, said.stderr).toBe(0);
  return said.stdout;
}

const valueOf = (name: string): string =>
  kubectl("get", "configmap", name, "-o", "jsonpath={.data.value}");

describe.skipIf(missing !== undefined)(`a preview (${missing ?? "all programs"})`, () => {
  beforeAll(async () => {
    cluster = await startCluster({
      name: "preview-as-up",
      crds: [],
      stateDirectory: directory,
      toolchain,
    });
    const made = await runOf("up");
    expect(made.errors).toEqual([]);
  });

  afterAll(async () => {
    await cluster?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test("promises nothing where nobody changed anything, and up does nothing", async () => {
    const promised = await runOf("preview");
    expect(promised.changes).toEqual([]);
    expect(whatOf(await runOf("up"))).toEqual(whatOf(promised));
  });

  test("promises what up does to edits and deletions by hand, and makes no edit itself", async () => {
    const edit = '{"data":{"value":"edited by hand"}}';
    kubectl("patch", "configmap", "object-1", "--type=merge", "-p", edit);
    kubectl("delete", "configmap", "object-2");
    const promised = await runOf("preview");
    expect(promised.changes.map(({ op, name }) => `${op} ${name}`).toSorted()).toEqual([
      "create ConfigMap object-2",
      "update ConfigMap object-1",
    ]);
    expect(valueOf("object-1")).toBe("edited by hand");
    expect(whatOf(await runOf("up"))).toEqual(whatOf(promised));
    expect([valueOf("object-1"), valueOf("object-2")]).toEqual(["ours", "ours"]);
    expect((await runOf("preview")).changes).toEqual([]);
  });
});
