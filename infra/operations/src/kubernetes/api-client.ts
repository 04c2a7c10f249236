import type { IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import type { RequestOptions } from "node:https";
import { createInterface } from "node:readline";
import type { KubeConfig } from "@kubernetes/client-node";

/** An object of a Kubernetes API. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly generation?: number;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly unknown[];
    readonly managedFields?: readonly ManagedFields[];
  };
  readonly [key: string]: unknown;
}

export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** How an API server calls a kind in its paths. */
export interface ApiKind {
  readonly plural: string;
  readonly isNamespaced: boolean;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: KubernetesObject;
}

/** No answer came: the server is down, or unknown. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

const timeoutMs = 10_000;

/** Speaks with one API server, as the kubeconfig says, and learns its kinds once. */
export class ApiClient {
  readonly server: string;
  readonly #config: KubeConfig;
  readonly #kinds = new Map<string, Promise<ReadonlyMap<string, ApiKind>>>();

  constructor(config: KubeConfig) {
    this.#config = config;
    this.server = config.getCurrentCluster()?.server ?? "";
  }

  /** Any answer of the server's is an answer; only silence throws. */
  async request(
    method: string,
    path: string,
    {
      body,
      contentType = "application/json",
    }: { readonly body?: unknown; readonly contentType?: string } = {},
  ): Promise<ApiAnswer> {
    const options = await this.#options(method, contentType);
    return new Promise((resolve, reject) => {
      const call = requestHttps(new URL(path, this.server), options, (response) => {
        readAll(response).then(
          (text) => resolve({ status: response.statusCode ?? 0, body: parseBody(text) }),
          (error: unknown) => reject(this.#unreachable(error)),
        );
      });
      call.setTimeout(timeoutMs, () => call.destroy(new Error(`no answer in ${timeoutMs} ms`)));
      call.on("error", (error) => reject(this.#unreachable(error)));
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Undefined where the server does not know the kind. */
  async findKind({
    apiVersion,
    kind,
  }: Pick<ObjectReference, "apiVersion" | "kind">): Promise<ApiKind | undefined> {
    const known = this.#kinds.get(apiVersion) ?? this.#discover(apiVersion);
    this.#kinds.set(apiVersion, known);
    try {
      const kinds = await known;
      if (kinds.has(kind)) {
        return kinds.get(kind);
      }
    } catch (error) {
      this.#kinds.delete(apiVersion);
      throw error;
    }
    // It may be made at any time.
    this.#kinds.delete(apiVersion);
    return undefined;
  }

  /** Undefined where it is not there. */
  async read(reference: ObjectReference): Promise<KubernetesObject | undefined> {
    const kind = await this.findKind(reference);
    if (kind === undefined) {
      return undefined;
    }
    const { status, body } = await this.request("GET", objectPath(reference, kind));
    if (status === 404) {
      return undefined;
    }
    if (status !== 200 || !isObject(body)) {
      throw new Unreachable(
        `${this.server} answered ${status} for ${reference.kind} ${reference.name}`,
      );
    }
    return body;
  }

  /** Lists a collection, then tells every change until the signal or the end of the connection. */
  async watch(
    path: string,
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const options = await this.#options("GET", "application/json");
    return new Promise((resolve, reject) => {
      const call = requestHttps(new URL(path, this.server), { ...options, signal }, (response) => {
        if (response.statusCode !== 200) {
          response.resume();
          reject(
            new Unreachable(`${this.server} answered ${String(response.statusCode)} for ${path}`),
          );
          return;
        }
        const lines = createInterface({ input: response });
        lines.on("line", (line) => {
          const event = parseBody(line);
          if (isWatchEvent(event)) {
            onEvent(event);
          }
        });
        // A connection that breaks off is an end like any other: whoever watches looks again. The
        // reader passes the stream's errors on as its own.
        lines.on("close", resolve).on("error", () => resolve());
        response.on("error", () => resolve());
      });
      call.on("error", (error) => (signal.aborted ? resolve() : reject(this.#unreachable(error))));
      call.end();
    });
  }

  async #options(method: string, contentType: string): Promise<RequestOptions> {
    const options: RequestOptions = {
      method,
      headers: { Accept: "application/json", "Content-Type": contentType },
    };
    await this.#config.applyToHTTPSOptions(options);
    return options;
  }

  async #discover(apiVersion: string): Promise<ReadonlyMap<string, ApiKind>> {
    const { status, body } = await this.request("GET", groupPath(apiVersion));
    const resources =
      status === 200 && typeof body === "object" && body !== null && "resources" in body
        ? body.resources
        : [];
    const kinds = new Map<string, ApiKind>();
    for (const each of Array.isArray(resources) ? resources : []) {
      const { name, kind, namespaced }: Record<string, unknown> = { ...each };
      if (typeof name === "string" && typeof kind === "string" && !name.includes("/")) {
        kinds.set(kind, { plural: name, isNamespaced: namespaced === true });
      }
    }
    return kinds;
  }

  #unreachable(error: unknown): Unreachable {
    // Where a name has several addresses, each has an error of its own.
    const first = error instanceof AggregateError ? error.errors[0] : error;
    const text = first instanceof Error ? first.message : String(first);
    return new Unreachable(`${this.server} does not answer: ${text}`, { cause: error });
  }
}

/** `/api/v1`, or `/apis/<group>/<version>`. */
export function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

export function objectPath(
  { apiVersion, name, namespace }: ObjectReference,
  { plural, isNamespaced }: ApiKind,
): string {
  const scope = isNamespaced ? `/namespaces/${namespace ?? "default"}` : "";
  return `${groupPath(apiVersion)}${scope}/${plural}/${encodeURIComponent(name)}`;
}

export function isObject(value: unknown): value is KubernetesObject {
  return (
    typeof value === "object" &&
    value !== null &&
    "metadata" in value &&
    typeof value.metadata === "object"
  );
}

function isWatchEvent(value: unknown): value is WatchEvent {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    "object" in value &&
    value.type !== "ERROR" &&
    isObject(value.object)
  );
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    if (Buffer.isBuffer(chunk)) {
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
