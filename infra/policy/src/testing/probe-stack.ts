import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { engineEnvironment, programPath } from "@ertis/infra-toolchain";
import type { Toolchain } from "@ertis/infra-toolchain";
import type { Fields } from "../fields.ts";
import { packPath } from "./start-pack.ts";

const repositoryDirectory = resolve(import.meta.dirname, "../../../..");

/** The program: a provider of its own, and whatever objects the file beside it lists. */
const program = `
import { readFileSync } from "node:fs";
import * as kubernetes from "@pulumi/kubernetes";

const { objects } = JSON.parse(readFileSync(new URL("objects.json", import.meta.url), "utf8"));
const provider = new kubernetes.Provider("hall", {
  kubeconfig: process.env.PROBE_KUBECONFIG,
  clusterIdentifier: "probe",
  enableServerSideApply: true,
});
for (const { isProtected, ...object } of objects) {
  const name = object.kind + "/" + object.metadata.name;
  const options = { provider, protect: isProtected === true };
  if (object.apiVersion === "v1") {
    new kubernetes.core.v1[object.kind](name, object, options);
  } else {
    new kubernetes.apiextensions.CustomResource(name, object, options);
  }
}
`;

export interface EngineResult {
  readonly exitCode: number;
  /** Both streams, as a person sees them. */
  readonly text: string;
}

/** A stack with a program of its own, previewed by the real engine with the real pack. */
export interface ProbeStack {
  readonly preview: (
    objects: readonly Fields[],
    environment?: Readonly<Record<string, string>>,
  ) => Promise<EngineResult>;
  /** The same without a look ahead, as a person in a hurry would. */
  readonly up: (
    objects: readonly Fields[],
    environment?: Readonly<Record<string, string>>,
  ) => Promise<EngineResult>;
  /** The state, as text. */
  readonly state: () => Promise<string>;
  readonly [Symbol.dispose]: () => void;
}

export async function createProbeStack(
  toolchain: Toolchain,
  stack: string,
  config: Readonly<Record<string, string>> = {},
): Promise<ProbeStack> {
  const directory = mkdtempSync(join(tmpdir(), "ertis-policy-"));
  const project = join(directory, "program");
  mkdirSync(project);
  writeFileSync(
    join(project, "Pulumi.yaml"),
    "name: probe\nruntime: {name: nodejs, options: {typescript: false}}\n",
  );
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "probe", version: "0.0.0", type: "module", main: "main.js" }),
  );
  writeFileSync(join(project, "main.js"), program);
  symlinkSync(join(repositoryDirectory, "node_modules"), join(project, "node_modules"));
  const environment = engineEnvironment(toolchain, { stateDirectory: join(directory, "state") });
  const pulumi = async (
    commandLine: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<EngineResult> =>
    run(programPath(toolchain, "pulumi"), [...commandLine, "--cwd", project], {
      ...environment,
      // Nothing listens there: a preview of new objects needs no cluster.
      PROBE_KUBECONFIG: unreachableKubeconfig,
      ...variables,
    });
  await pulumi(["stack", "init", stack]);
  for (const [key, value] of Object.entries(config)) {
    await pulumi(["config", "set", key, value]);
  }
  const withPack = async (
    command: readonly string[],
    objects: readonly Fields[],
    variables: Readonly<Record<string, string>> | undefined,
  ): Promise<EngineResult> => {
    writeFileSync(join(project, "objects.json"), JSON.stringify({ objects }));
    return pulumi([...command, "--policy-pack", packPath, "--color", "never"], variables);
  };
  return {
    preview: async (objects, variables) => withPack(["preview"], objects, variables),
    up: async (objects, variables) =>
      withPack(["up", "--yes", "--skip-preview"], objects, variables),
    state: async () => (await pulumi(["stack", "export"])).text,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

const unreachableKubeconfig = `apiVersion: v1
kind: Config
current-context: probe
contexts: [{name: probe, context: {cluster: probe, user: probe}}]
clusters: [{name: probe, cluster: {server: "https://127.0.0.1:9"}}]
users: [{name: probe, user: {}}]
`;

async function run(
  file: string,
  commandLine: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<EngineResult> {
  return new Promise((fulfil) => {
    execFile(file, commandLine, { env: environment }, (error, stdout, stderr) => {
      const exitCode = typeof error?.code === "number" ? error.code : Number(error !== null);
      fulfil({ exitCode, text: `${stdout}\n${stderr}` });
    });
  });
}
