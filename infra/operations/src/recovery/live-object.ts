import { ApiClient, Unreachable } from "../kubernetes/api-client.ts";
import type { KubernetesObject, ObjectReference } from "../kubernetes/api-client.ts";
import { loadKubeconfig } from "../kubernetes/kubeconfig.ts";
import { OperationProblem } from "../problem.ts";
import type { LiveObject } from "./pending.ts";
import { revealSecret } from "./state-export.ts";
import type { StackState, StateResource } from "./state-export.ts";

/** Reads objects of a stack, each from the cluster it was made in. */
export type ReadObject = (
  resource: StateResource,
  reference: ObjectReference,
) => Promise<KubernetesObject | undefined>;

/** `state`: exported with secrets, because the kubeconfigs of the providers are in it. */
export function createObjectReader(state: StackState, environment: NodeJS.ProcessEnv): ReadObject {
  const clients = new Map<string, ApiClient>();
  const clientOf = (resource: StateResource): ApiClient => {
    const kubeconfig = kubeconfigOf(state, resource, environment);
    const client = clients.get(kubeconfig) ?? new ApiClient(loadKubeconfig(kubeconfig));
    clients.set(kubeconfig, client);
    return client;
  };
  return async (resource, reference) => {
    try {
      return await clientOf(resource).read(reference);
    } catch (error) {
      if (!(error instanceof Unreachable)) {
        throw error;
      }
      throw new OperationProblem(
        "unavailable",
        `whether ${reference.kind} ${reference.name} is there is unknown: ${error.message}`,
        "run again when the API server answers; nothing was changed",
      );
    }
  };
}

export function toLiveObject(object: KubernetesObject | undefined): LiveObject {
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
