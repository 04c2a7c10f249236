import { cannotOpen, runCommand } from "../engine/run-command.ts";
import type { StackWorkspace } from "../state/stack-workspace.ts";

/** The parts of an exported state that are read here. */
export interface StackState {
  readonly resources: readonly StateResource[];
  readonly pendingOperations: readonly PendingOperation[];
}

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly id: string | undefined;
  /** `<urn of the provider>::<its id>`. */
  readonly provider: string | undefined;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

export interface PendingOperation {
  /** `creating`, `updating`, `deleting`, `reading`, `importing`. */
  readonly type: string;
  readonly resource: StateResource;
}

/**
 * The state of a stack; undefined where the backend has no such stack. With secrets in plain text only for
 * what never leaves this process: the kubeconfigs of its providers.
 */
export async function exportState(
  workspace: StackWorkspace,
  { withSecrets = false }: { readonly withSecrets?: boolean } = {},
): Promise<StackState | undefined> {
  const flags = withSecrets ? ["--show-secrets"] : [];
  const { isOk, stdout, stderr } = await runCommand(workspace, ["stack", "export", ...flags]);
  if (isOk) {
    return parseState(stdout);
  }
  if (stderr.includes("no stack named")) {
    return undefined;
  }
  throw cannotOpen(workspace, stderr);
}

export function parseState(text: string): StackState {
  const deployment = toRecord(toRecord(JSON.parse(text))["deployment"]);
  return {
    resources: toList(deployment["resources"]).map(toResource),
    pendingOperations: toList(deployment["pending_operations"]).map((each) => {
      const operation = toRecord(each);
      return { type: String(operation["type"]), resource: toResource(operation["resource"]) };
    }),
  };
}

function toResource(value: unknown): StateResource {
  const resource = toRecord(value);
  return {
    urn: String(resource["urn"]),
    type: String(resource["type"]),
    custom: resource["custom"] === true,
    id: typeof resource["id"] === "string" && resource["id"] !== "" ? resource["id"] : undefined,
    provider: typeof resource["provider"] === "string" ? resource["provider"] : undefined,
    protect: resource["protect"] === true,
    retainOnDelete: resource["retainOnDelete"] === true,
    inputs: toRecord(resource["inputs"]),
    outputs: toRecord(resource["outputs"]),
  };
}

/** How the engine marks a secret in an exported state. */
const secretMark = "4dabf18193072939515e22adb298388d";

/** The plain text of a secret of a state that was exported with secrets; other values as they are. */
export function revealSecret(value: unknown): unknown {
  const secret = toRecord(value);
  const plaintext = secret["plaintext"];
  return secretMark in secret && typeof plaintext === "string" ? JSON.parse(plaintext) : value;
}

export function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
