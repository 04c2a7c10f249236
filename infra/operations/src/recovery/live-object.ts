import { ApiClient, Unreachable } from "../kubernetes/api-client.ts";
import type { ObjectReference } from "../kubernetes/api-client.ts";
import { loadKubeconfig } from "../kubernetes/kubeconfig.ts";
import { OperationProblem } from "../problem.ts";
import type { LiveObject } from "./pending.ts";
import { revealSecret } from "./state-export.ts";
import type { StackState, StateResource } from "./state-export.ts";

/** Answers what is there of the objects of a stack, each in the cluster it was made in. */
export type FindLive = (resource: StateResource, reference: ObjectReference) => Promise<LiveObject>;

/** `state`: exported with secrets, because the kubeconfigs of the providers are in it. */
export function createFinder(state: StackState, environment: NodeJS.ProcessEnv): FindLive {
  const clients = new Map<string, ApiClient>();
  const clientOf = (resource: StateResource): ApiClient => {
    const kubeconfig = kubeconfigOf(state, resource, environment);
    const client = clients.get(kubeconfig) ?? new ApiClient(loadKubeconfig(kubeconfig));
    clients.set(kubeconfig, client);
    return client;
  };
  return async (resource, reference) => {
    try {
      return toLiveObject(await clientOf(resource).read(reference));
    } catch (error) {
      if (!(error instanceof Unreachable)) {
        throw error;
      }
      throw new OperationProblem(
        "unavailable",
        `whether ${reference.kind} ${reference.name} was made is unknown: ${error.message}`,
        "an earlier run was interrupted while it made the object; run again when the API server answers",
      );
    }
  };
}

function toLiveObject(object: Awaited<ReturnType<ApiClient["read"]>>): LiveObject {
  if (object === undefined) {
    return { kind: "absent" };
  }
  const { creationTimestamp, managedFields, labels } = object.metadata;
  return {
    kind: "present",
    createdAt: new Date(creationTimestamp ?? 0),
    managers: (managedFields ?? []).flatMap(({ manager }) => manager ?? []),
    labels: labels ?? {},
  };
}

/** The kubeconfig of the provider that made the resource; else the environment's. */
function kubeconfigOf(
  state: StackState,
  resource: StateResource,
  environment: NodeJS.ProcessEnv,
): string {
  const provider = state.resources.find(
    ({ urn, id }) => resource.provider === `${urn}::${id ?? ""}`,
  );
  const fromProvider = revealSecret(provider?.inputs["kubeconfig"]);
  if (typeof fromProvider === "string" && fromProvider !== "") {
    return fromProvider;
  }
  return environment["KUBECONFIG"] ?? `${environment["HOME"] ?? ""}/.kube/config`;
}
