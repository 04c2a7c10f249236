import { DrainAction, type MovedStart, Node } from "@ertis/api";
import type { ConnectionFlags, OutputFlags } from "../commands/options.ts";
import { type ExitCode, exitCodes, toExitCode } from "../exit-codes.ts";
import { readInstant } from "../job-file/read-instant.ts";
import { showCount, showWatts } from "../output/format.ts";
import { printItems } from "../output/print.ts";
import { findStyle } from "../terminal/style.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { toPrintable } from "../terminal/text.ts";
import { UsageError } from "../usage-error.ts";
import { movedByAll, printMoved, withMoved } from "../views/moved-starts.ts";
import { createNodeListing } from "../views/nodes-table.ts";
import { readNodes } from "./nodes.ts";
import { isErtisError, type Session, withSession } from "./session.ts";

/** What can be done to nodes. */
export type NodeChange = "cordon" | "uncordon" | "drain" | "confirm-power-off";

export interface NodeChangeFlags extends ConnectionFlags, OutputFlags {
  readonly reason?: string;
  /** Every node in or below this domain. */
  readonly domain?: string;
  readonly deadline?: string;
  readonly then?: string;
  readonly yes?: boolean;
}

/** What is asked for, checked. */
interface Wish {
  readonly change: NodeChange;
  readonly reason: string;
  readonly deadlineTimeMs: number;
  readonly action: DrainAction;
}

const drainActions: ReadonlyMap<string, DrainAction> = new Map<string, DrainAction>([
  ["requeue", DrainAction.REQUEUE],
  ["cancel", DrainAction.CANCEL],
  ["wait", DrainAction.WAIT],
]);

function readWish(change: NodeChange, flags: NodeChangeFlags, nowMs: number): Wish {
  const reason = flags.reason?.trim() ?? "";
  if (reason === "" && change !== "uncordon") {
    throw new UsageError(
      `${change} needs a reason`,
      'add for example --reason "fan failed, RMA 4711"',
    );
  }
  const deadline = readInstant(flags.deadline ?? "now", nowMs);
  if (deadline.kind === "wrong") {
    throw new UsageError(`--deadline: ${deadline.message}`);
  }
  const isDrain = change === "drain";
  const action = drainActions.get(flags.then ?? "");
  if (isDrain && action === undefined) {
    throw new UsageError(
      "drain must know what then happens to the jobs that still run",
      "add --then requeue (stopped and queued again), --then cancel, or --then wait",
    );
  }
  return {
    change,
    reason,
    deadlineTimeMs: flags.deadline === undefined ? 0 : deadline.value,
    action: action ?? DrainAction.UNSPECIFIED,
  };
}

const questions: Readonly<Record<NodeChange, string>> = {
  cordon: "cordon",
  uncordon: "take back into service",
  drain: "drain",
  "confirm-power-off": "do you know that the power is off at",
};

/** Which nodes, agreed to by a person where many are meant or where a mistake frees power that flows. */
async function toNodeIds(
  terminal: Terminal,
  session: Session,
  wish: {
    readonly change: NodeChange;
    readonly ids: readonly string[];
    readonly flags: NodeChangeFlags;
  },
): Promise<readonly string[] | undefined> {
  const { change, ids, flags } = wish;
  const { domain } = flags;
  if ((domain === undefined || domain === "") === (ids.length === 0)) {
    throw new UsageError(
      ids.length === 0 ? `${change} what?` : "both node ids and --domain say which nodes",
      "name node ids, or every node of a domain with --domain",
    );
  }
  const filter = { domainId: domain ?? "" };
  const found =
    domain === undefined ? ids : (await readNodes(session, filter, 0)).map(({ id }) => id);
  const isAsked = domain !== undefined || change === "confirm-power-off";
  if (flags.yes === true || !isAsked || found.length === 0) {
    return found;
  }
  const what = found.length === 1 ? (found[0] ?? "") : `${found.length} nodes`;
  const answer = await terminal.ask(`${questions[change]} ${what}? [y/N] `);
  if (answer === undefined) {
    throw new UsageError(`${change} of ${what}, and nobody is here to agree`, "add --yes");
  }
  return /^y(es)?$/i.test(answer.trim()) ? found : undefined;
}

/** A node as it now is, and the promised starts that this has moved. */
interface Changed {
  readonly node?: Node | undefined;
  readonly movedStarts?: readonly MovedStart[];
}

async function send(
  terminal: Terminal,
  session: Session,
  nodeId: string,
  wish: Wish,
): Promise<Changed> {
  const { client } = session;
  const { reason } = wish;
  switch (wish.change) {
    case "cordon":
      return client.cordonNode(nodeId, reason);
    case "uncordon":
      return client.uncordonNode(nodeId, reason);
    case "drain": {
      const { action, deadlineTimeMs } = wish;
      return client.drainNode({ nodeId, action, deadlineTimeMs, reason });
    }
    case "confirm-power-off": {
      const { node, freedWatts } = await client.confirmNodePowerOff(nodeId, reason);
      terminal.stderr.write(`${toPrintable(nodeId)}: ${showWatts(freedWatts)} freed\n`);
      return { node };
    }
  }
}

/** Changes nodes one by one; what one refuses does not keep the others from being changed. */
async function changeAll(
  terminal: Terminal,
  session: Session,
  nodeIds: readonly string[],
  wish: Wish,
): Promise<{ readonly nodes: ReadonlyMap<Node, readonly MovedStart[]>; readonly code: ExitCode }> {
  const nodes = new Map<Node, readonly MovedStart[]>();
  let code: ExitCode = exitCodes.ok;
  for (const nodeId of nodeIds) {
    try {
      const { node, movedStarts = [] } = await send(terminal, session, nodeId, wish);
      if (node !== undefined) {
        nodes.set(node, movedStarts);
      }
    } catch (error) {
      // Out of reach for one is out of reach for all.
      if (!isErtisError(error) || error.isOutcomeUnknown) {
        throw error;
      }
      const text =
        error.reason === "UNKNOWN_NODE"
          ? `there is no node ${nodeId}; "ertis nodes" lists them`
          : `${nodeId}: ${error.message}`;
      terminal.stderr.write(`error: ${toPrintable(text)}\n`);
      code = code === exitCodes.ok ? toExitCode(error.code, error.reason) : code;
    }
  }
  return { nodes, code };
}

/** More than these are told by their number. */
const listedMax = 8;

const done: Readonly<Record<NodeChange, string>> = {
  cordon: "cordoned",
  uncordon: "taken back into service",
  drain: "told to drain",
  "confirm-power-off": "confirmed off",
};

function summarize(change: NodeChange, nodes: readonly Node[]): string {
  const busyCount = nodes.filter(({ jobIds }) => jobIds.length > 0).length;
  const busy = busyCount === 0 ? "none" : `${showCount(busyCount)} of them`;
  return `${showCount(nodes.length)} nodes ${done[change]}, ${busy} with jobs (-o wide lists them)`;
}

export async function runNodeChange(
  terminal: Terminal,
  input: {
    readonly change: NodeChange;
    readonly ids: readonly string[];
    readonly flags: NodeChangeFlags;
  },
): Promise<ExitCode> {
  const { change, flags } = input;
  return withSession(terminal, flags, async (session) => {
    const isTimed = flags.deadline !== undefined;
    const wish = readWish(change, flags, isTimed ? await session.findNowMs() : terminal.nowMs());
    const nodeIds = await toNodeIds(terminal, session, input);
    if (nodeIds === undefined) {
      terminal.stderr.write("nothing was done\n");
      return exitCodes.generic;
    }
    const { nodes, code } = await changeAll(terminal, session, nodeIds, wish);
    const { isUnicode } = findStyle(terminal.env, terminal.stdout);
    const nowMs = await session.findNowMs();
    if (flags.output === "table" && nodes.size > listedMax) {
      terminal.stdout.write(`${summarize(change, [...nodes.keys()])}\n`);
    } else {
      await printItems(terminal, flags, [...nodes.keys()], {
        ...createNodeListing({ nowMs, isUnicode }),
        toJson: (node) => withMoved(Node.toJSON(node), nodes.get(node) ?? []),
      });
    }
    printMoved(terminal, flags, movedByAll([...nodes.values()]), nowMs);
    return code;
  });
}
