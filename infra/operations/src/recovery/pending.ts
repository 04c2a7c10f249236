import type { RunRecord } from "../engine/run-record.ts";
import type { ObjectReference } from "../kubernetes/api-client.ts";
import { toRecord } from "./state-export.ts";
import type { PendingOperation, StackState, StateResource } from "./state-export.ts";

/** What the API server says of an object. */
export type LiveObject =
  | { readonly kind: "absent" }
  | {
      readonly kind: "present";
      readonly createdAt: Date;
      /** Names of those who wrote fields of it. */
      readonly managers: readonly string[];
      readonly labels: Readonly<Record<string, string>>;
    };

/** What to do with a create whose end nobody has seen. */
export type PendingDecision =
  /** The object is there and is ours. */
  | { readonly kind: "import"; readonly urn: string; readonly id: string }
  /** It is not there, or nothing outside of the engine stands for it: it is made anew. */
  | { readonly kind: "clear"; readonly urn: string; readonly because: string }
  /** A person has to look. */
  | {
      readonly kind: "blocked";
      readonly urn: string;
      readonly because: string;
      readonly advice: string;
    };

/** The pending creates of a state, which neither `up` nor a plain refresh gets rid of. */
export function pendingCreates(state: StackState): readonly PendingOperation[] {
  return state.pendingOperations.filter(({ type }) => type === "creating" || type === "importing");
}

const releaseType = "kubernetes:helm.sh/v3:Release";

/**
 * The object that stands for a resource: what to ask the API server for. Undefined where none does: a
 * component, a provider, or a patch of an object that somebody else makes.
 */
export function toObjectReference({ type, inputs }: StateResource): ObjectReference | undefined {
  if (!type.startsWith("kubernetes:") || type.endsWith("Patch")) {
    return undefined;
  }
  if (type === releaseType) {
    const { name, namespace } = inputs;
    // Helm keeps the first revision of a release in a Secret of this name.
    return typeof name === "string"
      ? {
          apiVersion: "v1",
          kind: "Secret",
          namespace: typeof namespace === "string" ? namespace : "default",
          name: `sh.helm.release.v1.${name}.v1`,
        }
      : undefined;
  }
  const metadata = toRecord(inputs["metadata"]);
  const { apiVersion, kind } = inputs;
  const { name, namespace } = metadata;
  return typeof apiVersion === "string" && typeof kind === "string" && typeof name === "string"
    ? { apiVersion, kind, name, namespace: typeof namespace === "string" ? namespace : undefined }
    : undefined;
}

/** The id that the plugin gives a resource: `namespace/name`, or the name alone. */
export function toImportId(resource: StateResource, reference: ObjectReference): string {
  const name = resource.type === releaseType ? String(resource.inputs["name"]) : reference.name;
  return reference.namespace === undefined ? name : `${reference.namespace}/${name}`;
}

/** Clocks of this machine and of the API server may differ by so much. */
const clockToleranceMs = 60_000;

/** The plugin owns fields under this name and a hash, one a resource. */
const ownManager = "pulumi-kubernetes";

/**
 * Decides one pending create. An object that is there may be ours, or may have stood in our way: then the
 * create was about to be refused, and taking it over would be theft. Ours is what carries our writer's name
 * and came into being since the interrupted `up` began; where no record of that is left, the name alone
 * tells. The Secret of a release is written by Helm, under a name of Helm's.
 */
export function decidePending(
  { resource }: PendingOperation,
  live: LiveObject | undefined,
  interruptedRuns: readonly Pick<RunRecord, "command" | "startedAt">[],
): PendingDecision {
  const { urn, type } = resource;
  const reference = toObjectReference(resource);
  if (reference === undefined || live === undefined) {
    return { kind: "clear", urn, because: "nothing outside of the state stands for it" };
  }
  if (live.kind === "absent") {
    return { kind: "clear", urn, because: "the API server does not have it" };
  }
  // Previews and refreshes make nothing; those that were killed may be older than the `up`.
  const firstUp = interruptedRuns.find(({ command }) => command === "up");
  const isWrittenBy = (prefix: string): boolean =>
    live.managers.some((manager) => manager.startsWith(prefix));
  const isSince =
    firstUp !== undefined &&
    live.createdAt.getTime() >= firstUp.startedAt.getTime() - clockToleranceMs;
  const isOurs =
    type === releaseType
      ? firstUp === undefined
        ? isWrittenBy("pulumi")
        : isSince
      : isWrittenBy(ownManager) && (firstUp === undefined || isSince);
  if (!isOurs) {
    return { kind: "clear", urn, because: "an object of that name is somebody else's" };
  }
  if (type === releaseType && live.labels["status"]?.startsWith("pending-") === true) {
    const id = toImportId(resource, reference);
    const [namespace, name] = id.split("/");
    return {
      kind: "blocked",
      urn,
      because: `Helm was interrupted while it installed ${id}`,
      advice: `remove what it began with: helm uninstall --namespace ${namespace} ${name}, then run again`,
    };
  }
  return { kind: "import", urn, id: toImportId(resource, reference) };
}
