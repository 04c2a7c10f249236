import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { StackContext } from "./stack-context.ts";
import { stackReference } from "./stack-reference.ts";
import { runStack, unknownValue } from "./testing/index.ts";
import type { RecordedResource, RunStackOptions } from "./testing/index.ts";

const hall = "pavlodar-hub-s1-h1";
const small = { "ertis:profile": "local", "ertis:hostsPerSite": "2" } as const;
const clustersUp = {
  [`clusters/${hall}`]: { kubeconfigSecret: `${hall}/${hall}-kubeconfig` },
} as const;

const scratch: string[] = [];

function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "ertis-kit-"));
  scratch.push(directory);
  return directory;
}

afterAll(() => {
  for (const directory of scratch) {
    rmSync(directory, { recursive: true });
  }
});

function kubeconfigFile(): string {
  const path = join(scratchDirectory(), "kubeconfig.yaml");
  writeFileSync(path, "apiVersion: v1\nkind: Config\n");
  return path;
}

async function record(options: Partial<RunStackOptions>): Promise<readonly RecordedResource[]> {
  const deploy = async (context: StackContext): Promise<Record<string, never>> => {
    context.workload(await stackReference("clusters", context.stack));
    context.management();
    return {};
  };
  return runStack(deploy, { project: "platform", stack: hall, config: small, ...options });
}

const providers = (resources: readonly RecordedResource[]): readonly RecordedResource[] =>
  resources.filter(({ type }) => type === "pulumi:providers:kubernetes");

test("both clusters have a provider each, with an identity and mutable maps", async () => {
  const found = providers(
    await record({ kubeconfig: kubeconfigFile(), outputsOfOtherStacks: clustersUp }),
  );
  expect(found.map(({ name }) => name).toSorted()).toEqual(["management", hall].toSorted());
  for (const { name, inputs } of found) {
    expect(inputs).toMatchObject({
      clusterIdentifier: name,
      enableServerSideApply: "true",
      enableConfigMapMutable: "true",
      enableSecretMutable: "true",
    });
  }
});

test("the workload's kubeconfig is a secret read through the management cluster", async () => {
  const path = kubeconfigFile();
  const resources = await record({ kubeconfig: path, outputsOfOtherStacks: clustersUp });
  const read = resources.find(({ isRead }) => isRead);
  expect(read?.inputs["id"]).toBe(`${hall}/${hall}-kubeconfig`);
  expect(read?.provider).toMatch(/::management::/);
  const [management, workload] = [...providers(resources)].toSorted((a, b) =>
    a.name.localeCompare(b.name),
  );
  expect(management?.inputs["kubeconfig"]).toBe(path);
  expect(workload?.secretInputs).toContain("kubeconfig");
  expect(workload?.inputs["kubeconfig"]).toContain("kind: Config");
});

test("a first preview knows neither cluster and raises nothing", async () => {
  const found = providers(await record({}));
  expect(found.map(({ inputs }) => inputs["kubeconfig"])).toEqual([unknownValue, unknownValue]);
});

test("an update without the management cluster is refused", async () => {
  await expect(record({ isPreview: false })).rejects.toThrow(
    /kubeconfig is missing: neither ertis:managementKubeconfig nor KUBECONFIG/,
  );
  await expect(record({ isPreview: false, kubeconfig: "/nowhere/k.yaml" })).rejects.toThrow(
    /KUBECONFIG says \/nowhere\/k\.yaml, which does not exist/,
  );
  await expect(record({ isPreview: false, kubeconfig: "/a.yaml:/b.yaml" })).rejects.toThrow(
    /lists several files.*ertis:managementKubeconfig/,
  );
});

test("an update before its predecessor is refused, naming stack and command", async () => {
  const options = { isPreview: false, kubeconfig: kubeconfigFile() };
  await expect(record(options)).rejects.toThrow(
    /needs clusters\/pavlodar-hub-s1-h1, which does not exist yet.*npm run up -- clusters\/pavlodar-hub-s1-h1/s,
  );
  await expect(
    record({ ...options, outputsOfOtherStacks: { [`clusters/${hall}`]: {} } }),
  ).rejects.toThrow(/is not up as a whole/);
});

test("the outputs of a management stack in another backend come from a file", async () => {
  const file = join(scratchDirectory(), "management.json");
  const deploy = async (): Promise<Record<string, unknown>> => {
    const facts = await stackReference("management", "main");
    return { addons: await new Promise((resolve) => facts.apply(resolve)) };
  };
  const kubeconfig = kubeconfigFile();
  const place = { project: "inventory", stack: hall, config: small } as const;
  const options = { ...place, isPreview: false, kubeconfig };
  process.env["ERTIS_MANAGEMENT_OUTPUTS"] = file;
  try {
    await expect(runStack(deploy, options)).rejects.toThrow(/needs management\/main/);
    writeFileSync(
      file,
      JSON.stringify({ addons: { "cert-manager": "cert-manager/cert-manager" } }),
    );
    await expect(runStack(deploy, options)).resolves.toBeDefined();
  } finally {
    delete process.env["ERTIS_MANAGEMENT_OUTPUTS"];
  }
});

test("a mistake in a site file is told with file and line", async () => {
  const directory = scratchDirectory();
  writeFileSync(join(directory, "x.yaml"), "site: [\n");
  await expect(record({ sitesDirectory: directory })).rejects.toThrow(/errors? in the site files/);
});
