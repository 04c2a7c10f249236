import { createApiClient } from "./api-client.ts";
import type { ApiClient, ApiRequest } from "./api-client.ts";
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
}

export interface ClusterOptions {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string | undefined;
}

/** Nothing is read and nobody is asked before the first use. */
export function createCluster(options: ClusterOptions): Cluster {
  const connection = connect(options);
  const { pathOf, send } = connection;
  return {
    factsOf: connection.factsOf,
    defaultNamespace: connection.defaultNamespace,
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
      const query = new URLSearchParams({ fieldManager });
      return send({
        method: "POST",
        path: `${await pathOf(address, false)}?${query}`,
        body: object,
      });
    },
    async apply(address, object, applyOptions) {
      const query = new URLSearchParams({
        fieldManager: applyOptions.fieldManager,
        force: String(applyOptions.isForced),
        ...(applyOptions.isDryRun ? { dryRun: "All" } : {}),
      });
      const path = `${await pathOf(address, true)}?${query}`;
      const contentType = "application/apply-patch+yaml";
      return send({ method: "PATCH", path, body: object, contentType });
    },
    async patchJson(address, operations) {
      const contentType = "application/json-patch+json";
      const path = await pathOf(address, true);
      return send({ method: "PATCH", path, body: operations, contentType });
    },
    async remove(address, propagationPolicy) {
      const body = { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy };
      await send({ method: "DELETE", path: await pathOf(address, true), body });
    },
  };
}

interface Connection {
  readonly send: (request: ApiRequest) => Promise<JsonObject>;
  readonly factsOf: (type: ResourceType) => Promise<KindFacts>;
  readonly defaultNamespace: () => Promise<string>;
  readonly pathOf: (address: ObjectAddress, hasName: boolean) => Promise<string>;
}

function connect(options: ClusterOptions): Connection {
  let access: Promise<ClusterAccess> | undefined;
  let client: Promise<ApiClient> | undefined;
  const getAccess = async (): Promise<ClusterAccess> => {
    access ??= loadClusterAccess(options.kubeconfig, options.context);
    return access;
  };
  const send = async (request: ApiRequest): Promise<JsonObject> => {
    client ??= getAccess().then(createApiClient);
    return objectAt(await (await client).send(request));
  };
  const factsOf = discoverKinds(send);
  const defaultNamespace = async (): Promise<string> =>
    options.namespace ?? (await getAccess()).namespace ?? "default";
  const pathOf = async (address: ObjectAddress, hasName: boolean): Promise<string> => {
    const facts = await factsOf(address.type);
    const root = rootPath(address.type.apiVersion);
    const name = hasName ? `/${encodeURIComponent(address.name)}` : "";
    if (!facts.isNamespaced) {
      return `${root}/${facts.plural}${name}`;
    }
    const namespace = encodeURIComponent(address.namespace ?? (await defaultNamespace()));
    return `${root}/namespaces/${namespace}/${facts.plural}${name}`;
  };
  return { send, factsOf, defaultNamespace, pathOf };
}

function rootPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** Asks once for each group and version, and again for a kind that was not there: a run may create its definition. */
function discoverKinds(send: Connection["send"]): Connection["factsOf"] {
  const kinds = new Map<string, Promise<ReadonlyMap<string, KindFacts>>>();
  const ask = async (apiVersion: string): Promise<ReadonlyMap<string, KindFacts>> => {
    const asked = loadKinds(send, apiVersion);
    kinds.set(apiVersion, asked);
    asked.catch(() => kinds.delete(apiVersion));
    return asked;
  };
  return async (type) => {
    const known = kinds.get(type.apiVersion);
    const facts = await (known ?? ask(type.apiVersion));
    const found =
      facts.get(type.kind) ??
      (known === undefined ? undefined : (await ask(type.apiVersion)).get(type.kind));
    if (found === undefined) {
      const message = `the server has no kind ${type.kind} in ${type.apiVersion}`;
      throw new ApiError(404, message, { reason: "NoMatch", causes: [] });
    }
    return found;
  };
}

async function loadKinds(
  send: Connection["send"],
  apiVersion: string,
): Promise<ReadonlyMap<string, KindFacts>> {
  const answer = await send({ method: "GET", path: rootPath(apiVersion) });
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
