import { known } from "../../state/assert.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { capInForce, cutWatts, refreshCut } from "../../state/caps.ts";
import { refreshNode } from "../ledger.ts";

/** Lower caps that count at once, as if every node had acknowledged. */
class Lowering {
  readonly #site: SiteState;
  readonly #nodes: number[] = [];

  constructor(site: SiteState) {
    this.#site = site;
  }

  /** Each attempt once. */
  lower(attempt: Attempt, capWatts: number): void {
    const site = this.#site;
    const { gpusPerNode } = attempt;
    for (const node of attempt.heldNodes) {
      const before = cutWatts(site, node, gpusPerNode, capInForce(attempt, node));
      const after = cutWatts(site, node, gpusPerNode, capWatts);
      site.cutHeld[node] = known(site.cutHeld[node], "cut of a node") + after - before;
      refreshNode(site, node);
      this.#nodes.push(node);
    }
  }

  undo(): void {
    for (const node of this.#nodes.splice(0)) {
      refreshCut(this.#site, node);
      refreshNode(this.#site, node);
    }
  }
}

/** Asks with lower caps in force. They are undone to the watt: sums are whole numbers. */
export function withLowering<T>(site: SiteState, ask: (lowering: Lowering) => T): T {
  const lowering = new Lowering(site);
  try {
    return ask(lowering);
  } finally {
    lowering.undo();
  }
}
