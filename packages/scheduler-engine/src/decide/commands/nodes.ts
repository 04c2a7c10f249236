import { known } from "../../state/assert.ts";
import { nodeLost, nodeOff, type SiteState } from "../../state/site-state.ts";
import type { ChangeNodes, DrainNodes } from "../../words/command.ts";
import type { Rejection } from "../../words/rejection.ts";
import type { Reply } from "../../words/reply.ts";
import { type Deciding, rejected } from "../deciding.ts";
import { doneWithMoved } from "../queue/moved-promises.ts";
import { poweredOff } from "./report.ts";

/** Cordon, uncordon, and an operator's word that a lost node is off. All nodes or none. */
export function changeNodes(deciding: Deciding, command: ChangeNodes): Reply {
  const found = findSite(deciding, command);
  if ("code" in found) {
    return found;
  }
  const { nodes, by, reason } = command;
  const site = command.site;
  switch (command.kind) {
    case "cordon-nodes":
      return doneWithMoved(deciding, site, () =>
        deciding.emit({ kind: "nodes-cordoned", site, nodes, by, reason }),
      );
    case "uncordon-nodes":
      deciding.emit({ kind: "nodes-uncordoned", site, nodes, by, reason });
      return { kind: "done" };
    case "confirm-power-off":
      return confirmPowerOff(deciding, found, command);
  }
}

/** Only for lost nodes: freeing the watts of a node that answers would be a lie. */
function confirmPowerOff(deciding: Deciding, site: SiteState, command: ChangeNodes): Reply {
  const answering = command.nodes.find(
    (node) => ((site.nodeFlags[node] ?? 0) & (nodeLost | nodeOff)) === 0,
  );
  if (answering !== undefined) {
    return rejected(
      "node-not-lost",
      `node ${nodeId(site, answering)} answers; only a lost node's power-off can be confirmed by hand`,
    );
  }
  for (const node of command.nodes) {
    poweredOff(deciding, site, node, command.by);
  }
  return { kind: "done" };
}

/** No new attempts from now on; at the deadline, what still runs is dealt with as asked. */
export function drainNodes(deciding: Deciding, command: DrainNodes): Reply {
  const found = findSite(deciding, command);
  if ("code" in found) {
    return found;
  }
  const { nodes, by, reason, deadline, thenDo, site } = command;
  return doneWithMoved(deciding, site, () =>
    deciding.emit({ kind: "nodes-draining", site, nodes, by, reason, deadline, thenDo }),
  );
}

function nodeId(site: SiteState, node: number): string {
  return known(site.site.nodes[node], "node").id;
}

function findSite(
  { state }: Deciding,
  command: { readonly site: string; readonly nodes: readonly number[] },
): SiteState | Rejection {
  const site = state.sites.get(command.site);
  if (site === undefined) {
    return rejected("unknown-site", `site "${command.site}" is not known`);
  }
  const wrong = command.nodes.find((node) => site.site.nodes[node] === undefined);
  if (wrong !== undefined || command.nodes.length === 0) {
    return rejected("unknown-node", `${command.site} has no node at position ${wrong ?? "(none)"}`);
  }
  return site;
}
