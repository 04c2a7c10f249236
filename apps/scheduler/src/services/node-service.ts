import type {
  ConfirmNodePowerOffRequest,
  ConfirmNodePowerOffResponse,
  CordonNodeResponse,
  DrainNodeRequest,
  DrainNodeResponse,
  ListNodesRequest,
  ListNodesResponse,
  NodeFilter as ApiNodeFilter,
} from "@ertis/api";
import { instant } from "@ertis/quantities";
import {
  type EngineState,
  findNode,
  getNode,
  listNodes as listNodeViews,
  type NodeFilter,
  type NodeState,
} from "@ertis/scheduler-engine";
import type { Request } from "@ertis/scheduler-runtime";
import type { Person } from "../auth/people.ts";
import {
  instantMsMax,
  namedJobCountMax,
  pageSizeDefault,
  pageSizeMax,
  reasonLengthMax,
} from "../limits/limits.ts";
import { drainActionToApi, fromApi, nodeStateToApi } from "../mapping/enums.ts";
import { movedStartsBy } from "./moved-starts.ts";
import { nodeToApi } from "../mapping/node-to-api.ts";
import { encodePageToken, questionMark } from "../mapping/page-token.ts";
import { invalid, Refusal, refusalOf } from "../mapping/refusal.ts";
import { checkRange } from "../mapping/check-range.ts";
import { checkReason } from "../mapping/spec-names.ts";
import { quoted, type Violation } from "../mapping/violation.ts";
import type { ServiceContext } from "./context.ts";
import { positionOf } from "./power-service.ts";
import { pageSizeOf, requestOrRefuse } from "./requests.ts";

export async function listNodes(
  { scheduler }: ServiceContext,
  request: ListNodesRequest,
): Promise<ListNodesResponse | Refusal> {
  const violations: Violation[] = [];
  const limits = { standard: pageSizeDefault, max: pageSizeMax };
  const size = pageSizeOf(request.pageSize, limits, violations);
  const filter = nodeFilterFromApi(request.filter, violations);
  const mark = questionMark(["nodes", filter]);
  const after = positionOf(request.pageToken, mark, violations);
  if (violations.length > 0) {
    return invalid(violations);
  }
  return scheduler.read(({ state }, sequence) => {
    const list = listNodeViews(state, filter, { size, ...(after === undefined ? {} : { after }) });
    if ("code" in list) {
      return refusalOf(list);
    }
    return {
      nodes: list.nodes.map((view) => nodeToApi(view, taskCounter(state))),
      nextPageToken: list.next === undefined ? "" : encodePageToken(list.next, mark),
      sequence,
    };
  });
}

function taskCounter(state: EngineState): (job: number) => number {
  return (job) => state.jobs.get(job)?.spec.taskCount ?? 1;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function nodeFilterFromApi(filter: ApiNodeFilter | undefined, violations: Violation[]): NodeFilter {
  const found: Mutable<NodeFilter> = {};
  if (filter === undefined) {
    return found;
  }
  if (filter.site !== "") {
    found.site = filter.site;
  }
  if (filter.domainId !== "") {
    found.domain = filter.domainId;
  }
  if (filter.gpuModel !== "") {
    found.gpuModel = filter.gpuModel;
  }
  if (filter.cordoned !== undefined) {
    found.isCordoned = filter.cordoned;
  }
  if (filter.busy !== undefined) {
    found.isBusy = filter.busy;
  }
  if (filter.nodeIds.length > namedJobCountMax) {
    violations.push({
      field: "filter.node_ids",
      description: `found ${filter.nodeIds.length}, but at most ${namedJobCountMax} are allowed`,
    });
  } else if (filter.nodeIds.length > 0) {
    found.nodes = filter.nodeIds;
  }
  const states = filter.states.map((value) => fromApi(nodeStateToApi, value));
  if (states.includes(undefined)) {
    violations.push({ field: "filter.states", description: "names a state that no node has" });
  } else if (states.length > 0) {
    found.states = states.filter((state): state is NodeState => state !== undefined);
  }
  return found;
}

interface NodeChange {
  readonly nodeId: string;
  readonly reason: string;
  readonly isReasonRequired: boolean;
  readonly person: Person;
}

/** Does something to one node and shows it as it then is. */
async function changeNode(
  { scheduler }: ServiceContext,
  change: NodeChange,
  toRequest: (node: { readonly site: string; readonly nodes: readonly number[] }) => Request,
  violations: Violation[],
): Promise<CordonNodeResponse | Refusal> {
  const { nodeId, reason, isReasonRequired } = change;
  const rule = { isRequired: isReasonRequired, lengthMax: reasonLengthMax };
  checkReason("reason", reason, rule, violations);
  if (violations.length > 0) {
    return invalid(violations);
  }
  const found = await scheduler.read(({ state }) => {
    const node = findNode(state, nodeId);
    return node === undefined ? undefined : { site: node.site.site.id, nodes: [node.index] };
  });
  if (found === undefined) {
    return new Refusal(
      "UNKNOWN_NODE",
      `node ${quoted(nodeId)} is not known; ListNodes shows the paths of all nodes`,
    );
  }
  const reply = await requestOrRefuse(scheduler, toRequest(found));
  if (reply instanceof Refusal) {
    return reply;
  }
  const movedStarts = await movedStartsBy(scheduler, reply);
  return scheduler.read(({ state }, sequence) => {
    const view = getNode(state, nodeId);
    const node = view === undefined ? undefined : nodeToApi(view, taskCounter(state));
    return { node, sequence, movedStarts };
  });
}

export function cordonNode(
  context: ServiceContext,
  kind: "cordon-nodes" | "uncordon-nodes",
  request: { readonly nodeId: string; readonly reason: string },
  person: Person,
): Promise<CordonNodeResponse | Refusal> {
  const { nodeId, reason } = request;
  const change = { nodeId, reason, isReasonRequired: kind === "cordon-nodes", person };
  return changeNode(context, change, (node) => ({ kind, by: person.name, reason, ...node }), []);
}

export async function drainNode(
  context: ServiceContext,
  request: DrainNodeRequest,
  person: Person,
): Promise<DrainNodeResponse | Refusal> {
  const violations: Violation[] = [];
  const { nodeId, reason, deadlineTimeMs } = request;
  checkRange("deadline_time_ms", deadlineTimeMs, [0, instantMsMax], violations);
  const thenDo = fromApi(drainActionToApi, request.action);
  if (thenDo === undefined) {
    violations.push({
      field: "action",
      description: "says not what happens at the deadline: REQUEUE, CANCEL or WAIT",
    });
  }
  return changeNode(
    context,
    { nodeId, reason, isReasonRequired: true, person },
    (node) => ({
      kind: "drain-nodes",
      by: person.name,
      reason,
      deadline: deadlineTimeMs === 0 ? context.clock.now() : instant(deadlineTimeMs),
      thenDo: thenDo ?? "wait",
      ...node,
    }),
    violations,
  );
}

export async function confirmNodePowerOff(
  context: ServiceContext,
  { nodeId, reason }: ConfirmNodePowerOffRequest,
  person: Person,
): Promise<ConfirmNodePowerOffResponse | Refusal> {
  const boundWatts = await context.scheduler.read(
    ({ state }) => getNode(state, nodeId)?.boundWatts ?? 0,
  );
  const changed = await changeNode(
    context,
    { nodeId, reason, isReasonRequired: true, person },
    (node) => ({ kind: "confirm-power-off", by: person.name, reason, ...node }),
    [],
  );
  return changed instanceof Refusal
    ? changed
    : { ...changed, freedWatts: Math.max(0, boundWatts - (changed.node?.boundWatts ?? 0)) };
}
