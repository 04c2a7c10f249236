import { setTimeout as delay } from "node:timers/promises";
import { UnreachableError } from "./api-error.ts";
import { describeAddress } from "./cluster.ts";
import type { Cluster, ObjectAddress } from "./cluster.ts";
import { listAt, stringAt } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { builtInWait, checkService } from "./readiness.ts";
import { parseWaitFor, waitForAnnotation } from "./wait-for.ts";
import type { Readiness, WaitCondition } from "./wait-for.ts";

const defaultTimeoutSeconds = 600;
const firstPauseMs = 200;
const longestPauseMs = 2_000;

export interface WaitOptions {
  readonly timeoutSeconds: number;
  /** Ends the wait at once. */
  readonly signal: AbortSignal;
  /** Told what was seen, whenever that changes. */
  readonly onProgress: (message: string) => void;
}

export type WaitResult =
  | { readonly kind: "ready"; readonly live: JsonObject }
  | { readonly kind: "not-ready"; readonly live: JsonObject; readonly reason: string };

/** The seconds to wait: what the engine was given beats the object's annotation. */
export function timeoutSecondsFor(inputs: JsonObject, engineTimeoutSeconds: number): number {
  if (engineTimeoutSeconds > 0) {
    return engineTimeoutSeconds;
  }
  const text = stringAt(inputs, "metadata", "annotations", "pulumi.com/timeoutSeconds");
  const annotated = Number(text ?? Number.NaN);
  return annotated > 0 ? annotated : defaultTimeoutSeconds;
}

/** Problems of an object's waiting annotations, to be told before anything is created. */
export function findWaitProblem(inputs: JsonObject): string | undefined {
  const text = stringAt(inputs, "metadata", "annotations", waitForAnnotation);
  const parsed = text === undefined ? undefined : parseWaitFor(text);
  return parsed?.kind === "invalid" ? parsed.message : undefined;
}

/** Waits until a created or updated object is what its kind, or its annotation, calls ready. */
export async function waitUntilReady(
  cluster: Cluster,
  address: ObjectAddress,
  created: { readonly live: JsonObject; readonly inputs: JsonObject },
  options: WaitOptions,
): Promise<WaitResult> {
  const { inputs } = created;
  const conditions = conditionsOf(address, inputs);
  const isService = address.type.kind === "Service" && address.type.apiVersion === "v1";
  const hasOwnWait = stringAt(inputs, "metadata", "annotations", waitForAnnotation) !== undefined;
  const needsSlices = isService && !hasOwnWait && !isSkipped(inputs);
  if (conditions.length === 0 && !needsSlices) {
    return { kind: "ready", live: created.live };
  }
  const check = async (live: JsonObject): Promise<Unmet | undefined> => {
    if (needsSlices) {
      return unmetService(cluster, address, { live, signal: options.signal });
    }
    return firstUnmet(conditions, live);
  };
  return poll(cluster, address, { live: created.live, check, options });
}

interface Unmet {
  readonly wanted: string;
  readonly readiness: Readiness;
}

function isSkipped(inputs: JsonObject): boolean {
  return stringAt(inputs, "metadata", "annotations", "pulumi.com/skipAwait") === "true";
}

function conditionsOf(address: ObjectAddress, inputs: JsonObject): readonly WaitCondition[] {
  if (isSkipped(inputs)) {
    return [];
  }
  const text = stringAt(inputs, "metadata", "annotations", waitForAnnotation);
  if (text !== undefined) {
    const parsed = parseWaitFor(text);
    return parsed.kind === "conditions" ? parsed.conditions : [];
  }
  const builtIn = address.type.isPatch ? undefined : builtInWait(address.type);
  return builtIn === undefined ? [] : [builtIn];
}

function firstUnmet(conditions: readonly WaitCondition[], live: JsonObject): Unmet | undefined {
  for (const condition of conditions) {
    const readiness = condition.check(live);
    if (!readiness.isReady) {
      return { wanted: condition.wanted, readiness };
    }
  }
  return undefined;
}

async function unmetService(
  cluster: Cluster,
  address: ObjectAddress,
  seen: { readonly live: JsonObject; readonly signal: AbortSignal },
): Promise<Unmet | undefined> {
  const namespace = stringAt(seen.live, "metadata", "namespace") ?? "default";
  const selector = encodeURIComponent(`kubernetes.io/service-name=${address.name}`);
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=${selector}`;
  const readiness = checkService(seen.live, await cluster.list(path, seen.signal));
  return readiness.isReady ? undefined : { wanted: "a ready endpoint", readiness };
}

interface Poll {
  readonly live: JsonObject;
  readonly check: (live: JsonObject) => Promise<Unmet | undefined>;
  readonly options: WaitOptions;
}

async function poll(cluster: Cluster, address: ObjectAddress, start: Poll): Promise<WaitResult> {
  const { options } = start;
  const deadlineMs = performance.now() + options.timeoutSeconds * 1000;
  let live = start.live;
  let lastSeen = "";
  let pauseMs = firstPauseMs;
  for (;;) {
    const unmet = await checkPatiently(start.check, live, options.signal);
    if (unmet === undefined) {
      return { kind: "ready", live };
    }
    const seen = unmet.readiness.seen;
    const what = `waiting for ${unmet.wanted} of ${describeAddress(address)}; last seen: ${seen}`;
    if (unmet.readiness.hasFailed === true) {
      return { kind: "not-ready", live, reason: `gave up ${what}` };
    }
    if (options.signal.aborted) {
      return { kind: "not-ready", live, reason: `cancelled while ${what}` };
    }
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0) {
      return {
        kind: "not-ready",
        live,
        reason: `timed out after ${options.timeoutSeconds} s ${what}`,
      };
    }
    if (seen !== lastSeen) {
      options.onProgress(what);
      lastSeen = seen;
      pauseMs = firstPauseMs;
    }
    await pause(Math.min(pauseMs, leftMs), options.signal);
    pauseMs = Math.min(pauseMs * 1.5, longestPauseMs);
    const next = await getPatiently(cluster, address, options.signal);
    if (next === "gone") {
      return { kind: "not-ready", live, reason: `deleted by somebody else while ${what}` };
    }
    live = next ?? live;
  }
}

/** A server that is away for a moment does not end a wait; only its time does. */
async function checkPatiently(
  check: Poll["check"],
  live: JsonObject,
  signal: AbortSignal,
): Promise<Unmet | undefined> {
  try {
    return await check(live);
  } catch (error) {
    if (error instanceof UnreachableError || signal.aborted) {
      const seen = error instanceof Error ? error.message : "nothing";
      return { wanted: "the server to answer", readiness: { isReady: false, seen } };
    }
    throw error;
  }
}

async function getPatiently(
  cluster: Cluster,
  address: ObjectAddress,
  signal: AbortSignal,
): Promise<JsonObject | "gone" | undefined> {
  try {
    return (await cluster.get(address, signal)) ?? "gone";
  } catch (error) {
    if (error instanceof UnreachableError || signal.aborted) {
      return undefined;
    }
    throw error;
  }
}

async function pause(pauseMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(pauseMs, undefined, { signal });
  } catch {
    // Cancelled: the caller looks at the signal.
  }
}

/** Waits until an object is gone, or another one has its name. The result is what still stands in the way. */
export async function waitUntilGone(
  cluster: Cluster,
  address: ObjectAddress,
  options: WaitOptions,
): Promise<string | undefined> {
  const deadlineMs = performance.now() + options.timeoutSeconds * 1000;
  let uid: string | undefined;
  let pauseMs = firstPauseMs / 4;
  for (;;) {
    const live = await getPatiently(cluster, address, options.signal);
    const liveUid = live === "gone" ? undefined : stringAt(live, "metadata", "uid");
    uid ??= liveUid;
    if (live === "gone" || (live !== undefined && liveUid !== uid)) {
      return undefined;
    }
    const left = describeLeftovers(live);
    const what = `while deleting ${describeAddress(address)}; last seen: ${left}`;
    if (options.signal.aborted) {
      return `cancelled ${what}`;
    }
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0) {
      return `timed out after ${options.timeoutSeconds} s ${what}`;
    }
    await pause(Math.min(pauseMs, leftMs), options.signal);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

function describeLeftovers(live: JsonObject | undefined): string {
  if (live === undefined) {
    return "no answer from the server";
  }
  const finalizers = finalizersOf(live);
  return finalizers.length === 0 ? "it is still there" : `finalizers ${finalizers.join(", ")}`;
}

function finalizersOf(live: JsonObject): readonly string[] {
  const all = [...listAt(live, "metadata", "finalizers"), ...listAt(live, "spec", "finalizers")];
  return all.filter((item) => typeof item === "string");
}
