import {
  type ConfirmNodePowerOffResponse,
  type CordonNodeResponse,
  type DrainNodeRequest,
  type DrainNodeResponse,
  type Node,
  NodeFilter,
  NodeServiceService,
  type UncordonNodeResponse,
} from "@ertis/api";
import type { CallOptions } from "./caller.ts";
import type { Context } from "./context.ts";
import { iteratePages } from "./pages.ts";

/** Nodes; changes are for operators. All rejections are `ErtisError`. */
export interface NodeCalls {
  /** Nodes in the order of the site file, fetched as they are read. */
  nodes(filter?: Partial<NodeFilter>, options?: CallOptions): AsyncIterable<Node>;
  /** Stops new jobs on a node. */
  cordonNode(nodeId: string, reason: string, options?: CallOptions): Promise<CordonNodeResponse>;
  /** Lets new jobs on a node again. */
  uncordonNode(
    nodeId: string,
    reason: string,
    options?: CallOptions,
  ): Promise<UncordonNodeResponse>;
  /** Cordons a node and empties it until a deadline. */
  drainNode(drain: DrainNodeRequest, options?: CallOptions): Promise<DrainNodeResponse>;
  /** States that a lost node is off, seen by a person: frees its bound. */
  confirmNodePowerOff(
    nodeId: string,
    reason: string,
    options?: CallOptions,
  ): Promise<ConfirmNodePowerOffResponse>;
}

async function* listNodes(
  context: Context,
  filter: Partial<NodeFilter>,
  options: CallOptions | undefined,
): AsyncGenerator<Node, void, undefined> {
  yield* iteratePages(async (pageToken) => {
    const request = { filter: NodeFilter.fromPartial(filter), pageSize: 1_000, pageToken };
    const page = await context.caller.call(NodeServiceService.listNodes, request, options);
    return { items: page.nodes, nextPageToken: page.nextPageToken };
  });
}

export function createNodeCalls(context: Context): NodeCalls {
  const { caller } = context;
  return {
    nodes: (filter = {}, options) => listNodes(context, filter, options),
    async cordonNode(nodeId, reason, options) {
      return caller.call(NodeServiceService.cordonNode, { nodeId, reason }, options);
    },
    async uncordonNode(nodeId, reason, options) {
      return caller.call(NodeServiceService.uncordonNode, { nodeId, reason }, options);
    },
    async drainNode(drain, options) {
      return caller.call(NodeServiceService.drainNode, drain, options);
    },
    async confirmNodePowerOff(nodeId, reason, options) {
      const method = NodeServiceService.confirmNodePowerOff;
      // A repeated confirmation would be refused, because the node is no longer lost.
      return caller.call(method, { nodeId, reason }, options, "if-refused");
    },
  };
}
