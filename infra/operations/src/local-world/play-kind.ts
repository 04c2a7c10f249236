import { setTimeout as delay } from "node:timers/promises";
import { groupPath, isObject, objectPath } from "../kubernetes/api-client.ts";
import type { ApiClient, ApiKind, KubernetesObject } from "../kubernetes/api-client.ts";
import { desiredStatus } from "./desired-status.ts";
import { externalSecretTarget, kubeconfigSecret } from "./played-secrets.ts";
import type { PlayedKind } from "./rows.ts";

export interface PlayContext {
  readonly client: ApiClient;
  /** The kubeconfig of a local cluster; undefined where there is none of that name. */
  readonly kubeconfigOf: (cluster: string) => string | undefined;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const manager = "ertis-local-world";
const retryMs = 1_000;

/** Plays one kind on one cluster until the signal: looks at all objects, then at every change. */
export async function playKind(row: PlayedKind, context: PlayContext): Promise<void> {
  const { client, signal } = context;
  let lastComplaint = "";
  while (!signal.aborted) {
    try {
      const kind = await client.findKind(row);
      if (kind !== undefined) {
        await playRound(row, kind, context);
      }
      lastComplaint = "";
    } catch (error) {
      const complaint = error instanceof Error ? error.message : String(error);
      if (complaint !== lastComplaint && !signal.aborted) {
        context.say(`${row.kind}: ${complaint}`);
      }
      lastComplaint = complaint;
    }
    await delay(retryMs, undefined, { signal }).catch(() => undefined);
  }
}

async function playRound(row: PlayedKind, kind: ApiKind, context: PlayContext): Promise<void> {
  const { client, signal } = context;
  const path = `${groupPath(row.apiVersion)}/${kind.plural}`;
  const { status, body } = await client.request("GET", path);
  // The definitions have just come and their storage is being made ready: the next look finds it.
  if (status === 429) {
    return;
  }
  if (status !== 200 || !isList(body)) {
    throw new Error(`the API server answered ${status} for ${path}`);
  }
  // One after the other: a hall has hundreds of hosts, and others need the API server as well.
  let last = Promise.resolve();
  const enqueue = (object: KubernetesObject): void => {
    last = last
      .then(async () => playObject({ row, kind, object, context }))
      .catch((error: unknown) => {
        context.say(`${row.kind} ${object.metadata.name}: ${String(error)}`);
      });
  };
  body.items.filter(isObject).forEach(enqueue);
  const from = body.metadata.resourceVersion;
  await client.watch(
    `${path}?watch=true&resourceVersion=${from}`,
    ({ type, object }) => {
      if (type === "ADDED" || type === "MODIFIED") {
        enqueue(object);
      }
    },
    signal,
  );
  await last;
}

interface Play {
  readonly row: PlayedKind;
  readonly kind: ApiKind;
  readonly object: KubernetesObject;
  readonly context: PlayContext;
}

async function playObject({ row, kind, object, context }: Play): Promise<void> {
  const { metadata } = object;
  if (metadata.deletionTimestamp !== undefined) {
    return;
  }
  // Items of a list do not say what they are.
  const typed = { ...object, apiVersion: row.apiVersion, kind: row.kind };
  if (!(await makeSecret(row, typed, context))) {
    return;
  }
  const status = desiredStatus(row, typed, new Date());
  if (status === undefined) {
    return;
  }
  const path = objectPath({ ...row, name: metadata.name, namespace: metadata.namespace }, kind);
  const answer = await context.client.request("PATCH", `${path}/status?fieldManager=${manager}`, {
    body: { status },
    contentType: "application/merge-patch+json",
  });
  if (answer.status !== 200 && answer.status !== 404 && answer.status !== 409) {
    throw new Error(`status refused: ${JSON.stringify(answer.body)}`);
  }
}

/** Whether the Secret that belongs to the object is there, if one does. It is made once and left alone. */
async function makeSecret(
  row: PlayedKind,
  object: KubernetesObject,
  { client, kubeconfigOf }: PlayContext,
): Promise<boolean> {
  if (row.secret === undefined) {
    return true;
  }
  const kubeconfig = row.secret === "kubeconfig" ? kubeconfigOf(object.metadata.name) : undefined;
  if (row.secret === "kubeconfig" && kubeconfig === undefined) {
    // A hall without a local cluster has no control plane either.
    return false;
  }
  const secret =
    kubeconfig === undefined ? externalSecretTarget(object) : kubeconfigSecret(object, kubeconfig);
  const path = `/api/v1/namespaces/${secret.metadata.namespace ?? "default"}/secrets`;
  const { status, body } = await client.request("POST", `${path}?fieldManager=${manager}`, {
    body: secret,
  });
  if (status !== 201 && status !== 409) {
    throw new Error(`Secret ${secret.metadata.name} refused: ${JSON.stringify(body)}`);
  }
  return true;
}

interface ObjectList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly unknown[];
}

function isList(value: unknown): value is ObjectList {
  return typeof value === "object" && value !== null && "items" in value && "metadata" in value;
}
