import { DrainAction, drainActionToJSON, Node, NodeState, nodeStateToJSON } from "@ertis/api";
import { showDuration, showEnum, showWatts } from "../output/format.ts";
import type { Listing } from "../output/print.ts";
import type { Cell } from "../output/table.ts";
import type { Tone } from "../terminal/style.ts";

/** What a table of nodes needs to know besides the nodes. */
export interface NodesView {
  /** The scheduler's clock, milliseconds since the Unix epoch. */
  readonly nowMs: number;
  readonly isUnicode: boolean;
}

interface Look {
  readonly symbol: string;
  readonly ascii: string;
  readonly tone: Tone;
}

const ready: Look = { symbol: "●", ascii: "*", tone: "good" };
const lost: Look = { symbol: "✗", ascii: "x", tone: "bad" };
const off: Look = { symbol: "○", ascii: "o", tone: "dim" };
const closed: Look = { symbol: "‖", ascii: "=", tone: "warn" };

/** `ready`, `lost`, `off`; a ready node that takes no new jobs says so instead. */
function showState(node: Node): string {
  const state = showEnum(node.state, nodeStateToJSON, "NODE_STATE_");
  const closedWord = node.drainAction === DrainAction.UNSPECIFIED ? "cordoned" : "draining";
  if (!node.cordoned) {
    return state;
  }
  return node.state === NodeState.READY ? closedWord : `${state}, ${closedWord}`;
}

function toStateCell(node: Node, isUnicode: boolean): Cell {
  const byState = node.state === NodeState.LOST ? lost : node.state === NodeState.OFF ? off : ready;
  const look = node.cordoned && node.state === NodeState.READY ? closed : byState;
  return { text: `${isUnicode ? look.symbol : look.ascii} ${showState(node)}`, tone: look.tone };
}

/** Why it is off, or does not answer, and what brings it back. */
function showAbsence({ state, isAsleep, isUnwoken, noRoomInDomainId }: Node): string[] {
  const noRoom = noRoomInDomainId === "" ? "" : `no room for its idle draw in ${noRoomInDomainId}`;
  if (isAsleep) {
    return noRoom === ""
      ? ["asleep to save power, comes back by itself"]
      : [`asleep, ${noRoom}: comes back by itself once there is`];
  }
  if (isUnwoken && state !== NodeState.READY) {
    const then = state === NodeState.LOST ? "may draw its idle watts" : noRoom;
    return ["did not wake, is tried again by itself", then].filter((part) => part !== "");
  }
  if (state === NodeState.LOST) {
    return ["does not answer, may still draw its bound"];
  }
  const back = "off, comes back once its cluster says that it is ready";
  return state === NodeState.OFF ? [back, noRoom].filter((part) => part !== "") : [];
}

/** Why it is off or out of service, and until when. */
function showNodeNote(node: Node, nowMs: number): string {
  const parts: string[] = showAbsence(node);
  if (node.drainAction !== DrainAction.UNSPECIFIED) {
    const then = showEnum(node.drainAction, drainActionToJSON, "DRAIN_ACTION_");
    const when =
      node.drainAction === DrainAction.WAIT || node.drainDeadlineTimeMs === 0
        ? ""
        : ` in ${showDuration(node.drainDeadlineTimeMs - nowMs)}`;
    parts.push(`${then}${when}`);
  }
  if (node.cordoned) {
    const by = node.cordonedBy === "" ? "" : ` (${node.cordonedBy})`;
    parts.push(node.cordonReason + by);
  }
  if (node.state !== NodeState.READY && node.stateTimeMs > 0) {
    parts.push(`for ${showDuration(nowMs - node.stateTimeMs)}`);
  }
  return parts.join("; ");
}

const mostJobs = 3;

function showJobs(jobIds: readonly string[]): string {
  const some = jobIds.slice(0, mostJobs).join(",");
  return jobIds.length > mostJobs ? `${some},+${jobIds.length - mostJobs}` : some;
}

export function createNodeListing(view: NodesView): Listing<Node> {
  return {
    columns: [
      { title: "NODE", cell: ({ id }) => id, shrinkTo: 24, cutAt: "start" },
      { title: "STATE", cell: (node) => toStateCell(node, view.isUnicode) },
      {
        title: "GPUS",
        align: "right",
        dropOrder: 7,
        cell: (node) => `${node.gpuUsedCount}/${node.gpuCount}`,
      },
      { title: "MODEL", isWide: true, dropOrder: 3, cell: ({ gpuModel }) => gpuModel },
      { title: "CLASS", isWide: true, dropOrder: 1, cell: ({ nodeClass }) => nodeClass },
      {
        title: "BOUND",
        align: "right",
        dropOrder: 4,
        cell: ({ boundWatts }) => showWatts(boundWatts),
      },
      {
        title: "PEAK",
        isWide: true,
        dropOrder: 2,
        align: "right",
        cell: ({ peakWatts }) => showWatts(peakWatts),
      },
      { title: "JOBS", cell: ({ jobIds }) => showJobs(jobIds), shrinkTo: 6, dropOrder: 5 },
      { title: "NOTE", cell: (node) => showNodeNote(node, view.nowMs), shrinkTo: 4, dropOrder: 6 },
    ],
    toJson: (node) => Node.toJSON(node),
    toName: ({ id }) => id,
  };
}
