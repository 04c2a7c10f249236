import { createApiClient } from "./api-client.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiError, isNotFound } from "./api-error.ts";
import { listAt, objectAt, stringAt, valueAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { loadClusterAccess } from "./kubeconfig.ts";
import type { ClusterAccess } from "./kubeconfig.ts";
import type { ResourceType } from "./resource-type.ts";

/** One object's place in a cluster. */
export interface ObjectAddress {
  readonly type: ResourceType;
  readonly name: string;
  readonly namespace: string | undefined;
}

export interface KindFacts {
  readonly plural: string;
  readonly isNamespaced: boolean;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  readonly isForced: boolean;
  readonly isDryRun: boolean;
}

/** The objects of one cluster, by kind and name. */
export interface Cluster {
  /** Throws an ApiError 404 for a kind that the server does not serve (yet). */
  readonly factsOf: (type: ResourceType) => Promise<KindFacts>;
  readonly defaultNamespace: () => Promise<string>;
  readonly get: (address: ObjectAddress, signal?: AbortSignal) => Promise<JsonObject | undefined>;
  readonly list: (path: string, signal?: AbortSignal) => Promise<readonly Json[]>;
  readonly create: (
    address: ObjectAddress,
    object: JsonObject,
    fieldManager: string,
  ) => Promise<JsonObject>;
  readonly apply: (
    address: ObjectAddress,
    object: JsonObject,
    options: ApplyOptions,
  ) => Promise<JsonObject>;
  readonly patchJson: (address: ObjectAddress, operations: readonly Json[]) => Promise<JsonObject>;
  readonly remove: (address: ObjectAddress, propagationPolicy: string) => Promise<void>;
  readonly close: () => void;
}

export interface ClusterOptions {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string | undefined;
}

/** Nothing is read and nobody is asked before the first use. */
export function createCluster(options: ClusterOptions): Cluster {
  let access: Promise<ClusterAccess> | undefined;
  let client: Promise<ApiClient> | undefined;
  const kinds = new Map<string, Promise<ReadonlyMap<string, KindFacts>>>();
  const getAccess = async (): Promise<ClusterAccess> => {
    access ??= loadClusterAccess(options.kubeconfig, options.context);
    return access;
  };
  const getClient = async (): Promise<ApiClient> => {
    client ??= getAccess().then(createApiClient);
    return client;
  };

  const factsOf = async (type: ResourceType): Promise<KindFacts> => {
    const known = kinds.get(type.apiVersion);
    const facts = known === undefined ? undefined : (await known).get(type.kind);
    if (facts !== undefined) {
      return facts;
    }
    // A kind may have come since: custom resource definitions are created by the same run.
    const asked = getClient().then(async (api) => loadKinds(api, type.apiVersion));
    kinds.set(type.apiVersion, asked);
    asked.catch(() => kinds.delete(type.apiVersion));
    const found = (await asked).get(type.kind);
    if (found === undefined) {
      throw new ApiError(404, `the server has no kind ${type.kind} in ${type.apiVersion}`, {
        reason: "NoMatch",
        causes: [],
      });
    }
    return found;
  };

  const defaultNamespace = async (): Promise<string> =>
    options.namespace ?? (await getAccess()).namespace ?? "default";

  const pathOf = async (address: ObjectAddress, hasName: boolean): Promise<string> => {
    const facts = await factsOf(address.type);
    const { apiVersion } = address.type;
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const namespace =
      address.namespace ?? (facts.isNamespaced ? await defaultNamespace() : undefined);
    const middle =
      facts.isNamespaced && namespace !== undefined
        ? `/namespaces/${encodeURIComponent(namespace)}`
        : "";
    return `${root}${middle}/${facts.plural}${hasName ? `/${encodeURIComponent(address.name)}` : ""}`;
  };
  const send = async (request: Parameters<ApiClient["send"]>[0]): Promise<JsonObject> =>
    objectAt(await (await getClient()).send(request));

  return {
    factsOf,
    defaultNamespace,
    async get(address, signal) {
      try {
        return await send({ method: "GET", path: await pathOf(address, true), signal });
      } catch (error) {
        if (isNotFound(error)) {
          return undefined;
        }
        throw error;
      }
    },
    async list(path, signal) {
      return listAt(await send({ method: "GET", path, signal }), "items");
    },
    async create(address, object, fieldManager) {
      const path = `${await pathOf(address, false)}?fieldManager=${encodeURIComponent(fieldManager)}`;
      return send({ method: "POST", path, body: object });
    },
    async apply(address, object, applyOptions) {
      const query = new URLSearchParams({
        fieldManager: applyOptions.fieldManager,
        force: String(applyOptions.isForced),
        ...(applyOptions.isDryRun ? { dryRun: "All" } : {}),
      });
      return send({
        method: "PATCH",
        path: `${await pathOf(address, true)}?${query}`,
        body: object,
        contentType: "application/apply-patch+yaml",
      });
    },
    async patchJson(address, operations) {
      return send({
        method: "PATCH",
        path: await pathOf(address, true),
        body: operations,
        contentType: "application/json-patch+json",
      });
    },
    async remove(address, propagationPolicy) {
      await send({
        method: "DELETE",
        path: await pathOf(address, true),
        body: { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy },
      });
    },
    close() {
      void client?.then((api) => api.close()).catch(() => undefined);
    },
  };
}

async function loadKinds(
  api: ApiClient,
  apiVersion: string,
): Promise<ReadonlyMap<string, KindFacts>> {
  const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const answer = await api.send({ method: "GET", path });
  const kinds = new Map<string, KindFacts>();
  for (const resource of listAt(answer, "resources")) {
    const plural = stringAt(resource, "name");
    const kind = stringAt(resource, "kind");
    // A name with a slash is a part of another object, such as its status.
    if (plural !== undefined && kind !== undefined && !plural.includes("/")) {
      kinds.set(kind, { plural, isNamespaced: valueAt(resource, "namespaced") === true });
    }
  }
  return kinds;
}

/** The address of an object as its manifest has it. */
export function addressOf(type: ResourceType, object: JsonObject): ObjectAddress {
  return {
    type,
    name: stringAt(object, "metadata", "name") ?? "",
    namespace: stringAt(object, "metadata", "namespace"),
  };
}

/** Pulumi's id of an object: `namespace/name`, or the name alone. */
export function toId(object: JsonObject): string {
  const name = stringAt(object, "metadata", "name") ?? "";
  const namespace = stringAt(object, "metadata", "namespace");
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function parseId(type: ResourceType, id: string): ObjectAddress {
  const slash = id.indexOf("/");
  return slash === -1
    ? { type, name: id, namespace: undefined }
    : { type, name: id.slice(slash + 1), namespace: id.slice(0, slash) };
}

/** How messages name an object. */
export function describeAddress(address: ObjectAddress): string {
  const name =
    address.namespace === undefined ? address.name : `${address.namespace}/${address.name}`;
  return `${address.type.kind} ${name} (${address.type.apiVersion})`;
}
