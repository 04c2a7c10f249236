import { listAt, numberAt, objectAt, stringAt, valueAt } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { groupOf } from "./resource-type.ts";
import type { ResourceType } from "./resource-type.ts";
import { conditionWait, describeReason } from "./wait-for.ts";
import type { Readiness, WaitCondition } from "./wait-for.ts";

/** What the kinds with a readiness of their own wait for; undefined: ready as soon as they exist. */
export function builtInWait(type: ResourceType): WaitCondition | undefined {
  return waits.get(`${groupOf(type.apiVersion)}/${type.kind}`);
}

const waits: ReadonlyMap<string, WaitCondition> = new Map([
  ["apps/Deployment", { wanted: "the rollout to finish", check: current(checkDeployment) }],
  ["apps/StatefulSet", { wanted: "the rollout to finish", check: current(checkStatefulSet) }],
  ["apps/DaemonSet", { wanted: "a ready pod on every node", check: current(checkDaemonSet) }],
  ["batch/Job", { wanted: "condition Complete=True", check: checkJob }],
  ["/Pod", { wanted: "condition Ready=True", check: checkPod }],
  [
    "apiextensions.k8s.io/CustomResourceDefinition",
    { wanted: "condition Established=True", check: checkDefinition },
  ],
  ["apiregistration.k8s.io/APIService", conditionWait("Available", "True")],
]);

/** Counters of a status count only once the controller has seen the newest version of the object. */
function current(check: (live: JsonObject) => Readiness): (live: JsonObject) => Readiness {
  return (live) => {
    const generation = numberAt(live, "metadata", "generation") ?? 0;
    const observed = numberAt(live, "status", "observedGeneration") ?? 0;
    return observed < generation
      ? { isReady: false, seen: "its controller has not looked at this version yet" }
      : check(live);
  };
}

function findCondition(live: JsonObject, type: string): Json | undefined {
  return listAt(live, "status", "conditions").find((entry) => stringAt(entry, "type") === type);
}

function isTrue(condition: Json | undefined): boolean {
  return stringAt(condition, "status") === "True";
}

function checkDeployment(live: JsonObject): Readiness {
  const wantedCount = numberAt(live, "spec", "replicas") ?? 1;
  const status = objectAt(live, "status");
  const updatedCount = numberAt(status, "updatedReplicas") ?? 0;
  const availableCount = numberAt(status, "availableReplicas") ?? 0;
  const totalCount = numberAt(status, "replicas") ?? 0;
  const progressing = findCondition(live, "Progressing");
  const counts = `${updatedCount} of ${wantedCount} updated, ${availableCount} available, ${totalCount} in all`;
  const seen = `${counts}${progressing === undefined ? "" : describeReason(progressing)}`;
  if (stringAt(progressing, "reason") === "ProgressDeadlineExceeded") {
    return { isReady: false, seen, hasFailed: true };
  }
  const isReady =
    updatedCount === wantedCount &&
    totalCount === wantedCount &&
    availableCount === wantedCount &&
    valueAt(live, "spec", "paused") !== true;
  return { isReady, seen };
}

function checkStatefulSet(live: JsonObject): Readiness {
  const wantedCount = numberAt(live, "spec", "replicas") ?? 1;
  const status = objectAt(live, "status");
  const readyCount = numberAt(status, "readyReplicas") ?? 0;
  const seen = `${readyCount} of ${wantedCount} ready, revision ${stringAt(status, "currentRevision") ?? "?"}, wanted ${stringAt(status, "updateRevision") ?? "?"}`;
  const isRolling = stringAt(live, "spec", "updateStrategy", "type") !== "OnDelete";
  const isPartial =
    (numberAt(live, "spec", "updateStrategy", "rollingUpdate", "partition") ?? 0) > 0;
  const isUpdated =
    !isRolling || isPartial || status["currentRevision"] === status["updateRevision"];
  return { isReady: readyCount === wantedCount && isUpdated, seen };
}

function checkDaemonSet(live: JsonObject): Readiness {
  const status = objectAt(live, "status");
  const wantedCount = numberAt(status, "desiredNumberScheduled") ?? 0;
  const updatedCount = numberAt(status, "updatedNumberScheduled") ?? 0;
  const availableCount = numberAt(status, "numberAvailable") ?? 0;
  const isRolling = stringAt(live, "spec", "updateStrategy", "type") !== "OnDelete";
  return {
    isReady: availableCount >= wantedCount && (!isRolling || updatedCount >= wantedCount),
    seen: `${updatedCount} of ${wantedCount} updated, ${availableCount} available`,
  };
}

function checkJob(live: JsonObject): Readiness {
  const failed = findCondition(live, "Failed");
  if (isTrue(failed)) {
    return {
      isReady: false,
      hasFailed: true,
      seen: `the job failed${describeReason(failed ?? null)}`,
    };
  }
  const status = objectAt(live, "status");
  const wantedCount = numberAt(live, "spec", "completions") ?? 1;
  const suspended = isTrue(findCondition(live, "Suspended")) ? ", suspended" : "";
  const seen = `${numberAt(status, "succeeded") ?? 0} of ${wantedCount} succeeded, ${numberAt(status, "failed") ?? 0} failed${suspended}`;
  return { isReady: isTrue(findCondition(live, "Complete")), seen };
}

function checkPod(live: JsonObject): Readiness {
  const phase = stringAt(live, "status", "phase") ?? "no phase yet";
  const ready = findCondition(live, "Ready");
  return {
    isReady: isTrue(ready) || phase === "Succeeded",
    hasFailed: phase === "Failed",
    seen: `${phase}${ready === undefined ? "" : describeReason(ready)}`,
  };
}

function checkDefinition(live: JsonObject): Readiness {
  const refused = findCondition(live, "NamesAccepted");
  if (stringAt(refused, "status") === "False") {
    return {
      isReady: false,
      hasFailed: true,
      seen: `its names are taken${describeReason(refused ?? null)}`,
    };
  }
  return conditionWait("Established", "True").check(live);
}

/** Whether a Service has pods to wait for: none is chosen by ExternalName, and headless ones may stay empty. */
export function needsEndpoints(live: JsonObject): boolean {
  return (
    stringAt(live, "spec", "type") !== "ExternalName" &&
    stringAt(live, "spec", "clusterIP") !== "None" &&
    Object.keys(objectAt(live, "spec", "selector")).length > 0
  );
}

/** Looks for one ready address in a Service's EndpointSlices, and for the address of a load balancer. */
export function checkService(live: JsonObject, slices: readonly Json[]): Readiness {
  const endpoints = slices.flatMap((slice) => listAt(slice, "endpoints"));
  const readyCount = endpoints.filter(
    (endpoint) => valueAt(endpoint, "conditions", "ready") !== false,
  ).length;
  const isBalanced = stringAt(live, "spec", "type") === "LoadBalancer";
  const ingressCount = listAt(live, "status", "loadBalancer", "ingress").length;
  const balancer = isBalanced && ingressCount === 0 ? ", no load balancer address" : "";
  const isEmpty = needsEndpoints(live) && readyCount === 0;
  return {
    isReady: !isEmpty && balancer === "",
    seen: `${readyCount} of ${endpoints.length} endpoints ready${balancer}`,
  };
}
