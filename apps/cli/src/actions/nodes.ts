import { type Node, type NodeFilter, NodeState, nodeStateToJSON } from "@ertis/api";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { printItems } from "../output/print.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UsageError } from "../usage-error.ts";
import { showAway } from "../views/away.ts";
import { createNodeListing } from "../views/nodes-table.ts";
import { showEnum } from "../output/format.ts";
import { type Session, withSession } from "./session.ts";

/** Options that say which nodes. */
export interface NodeFilterFlags {
  readonly site?: string;
  readonly domain?: string;
  readonly state?: string;
  readonly gpu?: string;
  readonly cordoned?: boolean;
  readonly busy?: boolean;
  readonly idle?: boolean;
}

export interface NodesFlags extends ConnectionFlags, OutputFlags, NodeFilterFlags {
  readonly limit: number;
}

const states: readonly NodeState[] = [NodeState.READY, NodeState.LOST, NodeState.OFF];

function readState(word: string): NodeState {
  const found = states.find(
    (state) => showEnum(state, nodeStateToJSON, "NODE_STATE_") === word.trim().toLowerCase(),
  );
  if (found === undefined) {
    throw new UsageError(`--state ${word}: there is no such state`, "it is ready, lost or off");
  }
  return found;
}

function toNodeFilter(ids: readonly string[], flags: NodeFilterFlags): Partial<NodeFilter> {
  if (flags.busy === true && flags.idle === true) {
    throw new UsageError("a node is not both --busy and --idle");
  }
  const busy = flags.busy === true ? true : flags.idle === true ? false : undefined;
  return {
    ...(ids.length === 0 ? {} : { nodeIds: [...ids] }),
    ...(flags.site === undefined ? {} : { site: flags.site }),
    ...(flags.domain === undefined ? {} : { domainId: flags.domain }),
    ...(flags.state === undefined ? {} : { states: [readState(flags.state)] }),
    ...(flags.gpu === undefined ? {} : { gpuModel: flags.gpu }),
    ...(flags.cordoned === undefined ? {} : { cordoned: flags.cordoned }),
    ...(busy === undefined ? {} : { busy }),
  };
}

/** Nodes that match, at most `limit` and one more that tells that there are more; 0 = all. */
export async function readNodes(
  session: Session,
  filter: Partial<NodeFilter>,
  limit: number,
): Promise<Node[]> {
  const nodes: Node[] = [];
  for await (const node of session.client.nodes(filter)) {
    nodes.push(node);
    if (limit > 0 && nodes.length > limit) {
      break;
    }
  }
  return nodes;
}

/** Where states may be old; beside the table, so that programs read on undisturbed. */
async function warnOfAway(session: Session, terminal: Terminal): Promise<void> {
  const { sites } = await session.client.serverInfo();
  const style = findStyle(terminal.env, terminal.stderr);
  for (const away of sites.map((site) => showAway(site, style)).filter((text) => text !== "")) {
    terminal.stderr.write(`${away}\n`);
  }
}

export async function runNodes(
  terminal: Terminal,
  ids: readonly string[],
  flags: NodesFlags,
): Promise<ExitCode> {
  return withSession(terminal, flags, async (session) => {
    const filter = toNodeFilter(ids, flags);
    const [nodes, nowMs] = await Promise.all([
      readNodes(session, filter, flags.limit),
      session.findNowMs(),
    ]);
    await warnOfAway(session, terminal);
    const hasMore = flags.limit > 0 && nodes.length > flags.limit;
    const shown = hasMore ? nodes.slice(0, flags.limit) : nodes;
    const { isUnicode } = findStyle(terminal.env, terminal.stdout);
    await printItems(terminal, flags, shown, createNodeListing({ nowMs, isUnicode }));
    if (hasMore) {
      terminal.stderr.write(`there are more than ${flags.limit}: --limit 0 shows all\n`);
    }
    const missing = ids.filter((id) => !nodes.some((node) => node.id === id));
    if (missing.length > 0) {
      terminal.stderr.write(`not found: ${missing.join(", ")}\n`);
      return exitCodes.notFound;
    }
    if (nodes.length === 0) {
      terminal.stderr.write("no nodes match\n");
    }
    return exitCodes.ok;
  });
}
