import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { engineEnvironment, stateDirectory } from "@ertis/infra-toolchain";
import type { Toolchain } from "@ertis/infra-toolchain";
import { OperationProblem } from "../problem.ts";
import type { StackEntry } from "../stacks/stack-list.ts";
import { managementOutputsVariable } from "../state/management-outputs.ts";
import { openWorkspace } from "../state/stack-workspace.ts";
import type { StackWorkspace } from "../state/stack-workspace.ts";

/** Holds the projects. */
export const infraDirectory: string = join(import.meta.dirname, "../../..");

/** The executable that the engine starts as an analyzer. */
export const policyPack: string = join(infraDirectory, "policy", "run-policy-pack");

/** How the stacks of one command are run. */
export interface RunSettings {
  readonly profile: "production" | "local";
  readonly hostsPerSiteCount: number | undefined;
  readonly workspaceOf: (entry: StackIdentity) => StackWorkspace;
  /** Where stacks read the outputs of `management/main`; undefined where their backend has them. */
  readonly managementOutputsFile: string | undefined;
}

export type StackIdentity = Pick<StackEntry, "project" | "stack">;

/** Clusters, settings, records of runs and local states, all beneath it. */
export const stateRoot: string = stateDirectory();

/** The production profile, with the backend that the environment names. */
export function productionSettings(
  toolchain: Toolchain,
  environment: NodeJS.ProcessEnv = process.env,
): RunSettings {
  const backendUrl = requireBackend(environment);
  requirePassphrase(environment);
  const managementUrl = managementBackend(environment);
  const managementOutputsFile =
    managementUrl === backendUrl ? undefined : join(stateRoot, "management-outputs.json");
  const base = engineEnvironment(toolchain, {
    stateDirectory: stateRoot,
    variables: definedOnly({
      ...pulumiVariables(environment),
      PULUMI_BACKEND_URL: backendUrl,
      [managementOutputsVariable]: managementOutputsFile,
    }),
  });
  return createSettings({
    profile: "production",
    hostsPerSiteCount: undefined,
    managementOutputsFile,
    environmentOf: ({ project }) =>
      project === "management" ? { ...base, PULUMI_BACKEND_URL: managementUrl } : base,
  });
}

/** Previews that must not touch any backend: states of their own, empty, beneath the state folder. */
export function emptySettings(
  toolchain: Toolchain,
  {
    profile,
    hostsPerSiteCount,
    folder,
  }: {
    readonly profile: "production" | "local";
    readonly hostsPerSiteCount: number | undefined;
    readonly folder: string;
  },
): RunSettings {
  const environment = engineEnvironment(toolchain, {
    stateDirectory: folder,
    variables: { ERTIS_STAND_IN_HELM: "record" },
  });
  return createSettings({ profile, hostsPerSiteCount, environmentOf: () => environment, folder });
}

/** The local profile: state beneath the state folder, and the local management cluster. */
export function localSettings(
  toolchain: Toolchain,
  {
    hostsPerSiteCount,
    kubeconfig,
  }: { readonly hostsPerSiteCount: number; readonly kubeconfig: string },
): RunSettings {
  const environment = engineEnvironment(toolchain, {
    stateDirectory: stateRoot,
    variables: { ERTIS_STAND_IN_HELM: "record", KUBECONFIG: kubeconfig },
  });
  return createSettings({ profile: "local", hostsPerSiteCount, environmentOf: () => environment });
}

interface SettingsArgs {
  readonly profile: "production" | "local";
  readonly hostsPerSiteCount: number | undefined;
  readonly environmentOf: (entry: StackIdentity) => NodeJS.ProcessEnv;
  readonly managementOutputsFile?: string | undefined;
  readonly folder?: string;
}

function createSettings({
  profile,
  hostsPerSiteCount,
  environmentOf,
  folder = stateRoot,
  managementOutputsFile,
}: SettingsArgs): RunSettings {
  return {
    managementOutputsFile,
    profile,
    hostsPerSiteCount,
    workspaceOf: (entry) =>
      openWorkspace({
        project: entry.project,
        stack: entry.stack,
        projectDirectory: join(infraDirectory, entry.project),
        stateDirectory: folder,
        environment: environmentOf(entry),
        config: {
          "ertis:profile": profile,
          ...(hostsPerSiteCount === undefined
            ? {}
            : { "ertis:hostsPerSite": String(hostsPerSiteCount) }),
        },
      }),
  };
}

/** What production lacks, in words; undefined where nothing is. */
export function readSettingsProblem(environment: NodeJS.ProcessEnv): string | undefined {
  try {
    requireBackend(environment);
    requirePassphrase(environment);
    return undefined;
  } catch (error) {
    if (error instanceof OperationProblem) {
      return error.message;
    }
    throw error;
  }
}

function requireBackend(environment: NodeJS.ProcessEnv): string {
  const url = environment["PULUMI_BACKEND_URL"] ?? "";
  if (url === "") {
    throw new OperationProblem(
      "usage",
      "PULUMI_BACKEND_URL is not set: there is no place for the state of the stacks",
      "set it to the state database of the management cluster, for example postgres://…/pulumi?sslmode=verify-full, or to a file:// folder; npm run up:local needs none",
    );
  }
  if (/^https?:/.test(url)) {
    throw new OperationProblem(
      "usage",
      `PULUMI_BACKEND_URL is ${new URL(url).origin}: the state would leave the country's own machines`,
      "set it to the state database of the management cluster (postgres://…), an S3 store of your own (s3://…) or a file:// folder",
    );
  }
  return url;
}

function requirePassphrase(environment: NodeJS.ProcessEnv): void {
  const isSet = ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"].some(
    (name) => (environment[name] ?? "") !== "",
  );
  if (!isSet) {
    throw new OperationProblem(
      "usage",
      "neither PULUMI_CONFIG_PASSPHRASE_FILE nor PULUMI_CONFIG_PASSPHRASE is set: secrets in the state could not be kept",
      "set PULUMI_CONFIG_PASSPHRASE_FILE to a file that only you can read",
    );
  }
}

/**
 * The state of the stack that makes the state database cannot be in it: a folder, that of the backend where
 * it is one, else `ERTIS_MANAGEMENT_STATE_DIR`, else one beneath the state folder.
 */
function managementBackend(environment: NodeJS.ProcessEnv): string {
  const folder = environment["ERTIS_MANAGEMENT_STATE_DIR"] ?? join(stateRoot, "management-state");
  const backendUrl = environment["PULUMI_BACKEND_URL"] ?? "";
  if (backendUrl.startsWith("file://") && environment["ERTIS_MANAGEMENT_STATE_DIR"] === undefined) {
    return backendUrl;
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return pathToFileURL(folder).href;
}

/** A person's own settings of the engine; what this program decides itself is written over them. */
function pulumiVariables(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(
      ([name]) => name.startsWith("PULUMI_") && name !== "PULUMI_HOME",
    ),
  );
}

function definedOnly(variables: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
