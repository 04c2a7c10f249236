import { DrainAction, type Node as ApiNode } from "@ertis/api";
import type { NodeView } from "@ertis/scheduler-engine";
import { drainActionToApi, nodeStateToApi } from "./enums.ts";

/** `taskCountOf` says whether a job is an array, whose tasks are then named one by one. */
export function nodeToApi(view: NodeView, taskCountOf: (job: number) => number): ApiNode {
  const { drain } = view;
  const note = view.isCordoned ? (drain ?? view.note) : undefined;
  return {
    id: view.id,
    site: view.site,
    domainId: view.domain,
    nodeClass: view.nodeClass,
    gpuModel: view.gpuModel,
    gpuCount: view.gpuCount,
    gpuUsedCount: view.gpuHeldCount,
    state: nodeStateToApi[view.state],
    cordoned: view.isCordoned,
    cordonReason: note?.reason ?? "",
    cordonedBy: note?.by ?? "",
    cordonTimeMs: 0,
    drainDeadlineTimeMs: drain?.deadlineMs ?? 0,
    drainAction: drain === undefined ? DrainAction.UNSPECIFIED : drainActionToApi[drain.thenDo],
    boundWatts: view.boundWatts,
    idleWatts: view.idleWatts,
    peakWatts: view.peakWatts,
    jobIds: view.attempts.map(({ job, task }) =>
      taskCountOf(job) > 1 ? `${job}_${task}` : `${job}`,
    ),
    stateTimeMs: 0,
    isAsleep: view.isAsleep,
    noRoomInDomainId: view.noRoomIn ?? "",
    isUnwoken: view.isUnwoken,
  };
}
