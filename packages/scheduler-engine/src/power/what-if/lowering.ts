import { known } from "../../state/assert.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { capInForce, cutWatts, refreshCut } from "../../state/caps.ts";
import { refreshNode } from "../ledger.ts";

/** How long lower caps count. */
export type LoweredFor =
  /** Only what is asked for now: they may rise before what comes later. */
  | "now"
  /** They stay as low. */
  | "good";

/** Lower caps that count at once, as if every node had acknowledged. */
class Lowering {
  readonly #site: SiteState;
  readonly #howLong: LoweredFor;
  readonly #nodes: number[] = [];
  readonly #before: (Pick<Attempt, "capWatts" | "capInForce"> & { readonly attempt: Attempt })[] =
    [];

  constructor(site: SiteState, howLong: LoweredFor) {
    this.#site = site;
    this.#howLong = howLong;
  }

  /** Each attempt once. */
  lower(attempt: Attempt, capWatts: number): void {
    const site = this.#site;
    const { gpusPerNode, heldNodes } = attempt;
    for (const node of heldNodes) {
      const before = cutWatts(site, node, gpusPerNode, capInForce(attempt, node));
      const after = cutWatts(site, node, gpusPerNode, capWatts);
      site.cutHeld[node] = known(site.cutHeld[node], "cut of a node") + after - before;
    }
    if (this.#howLong === "good") {
      this.#before.push({ attempt, capWatts: attempt.capWatts, capInForce: attempt.capInForce });
      attempt.capWatts = capWatts;
      attempt.capInForce = undefined;
    }
    for (const node of heldNodes) {
      refreshNode(site, node);
      this.#nodes.push(node);
    }
  }

  undo(): void {
    for (const { attempt, ...caps } of this.#before.splice(0)) {
      Object.assign(attempt, caps);
    }
    for (const node of this.#nodes.splice(0)) {
      refreshCut(this.#site, node);
      refreshNode(this.#site, node);
    }
  }
}

/** Asks with lower caps in force. They are undone to the watt: sums are whole numbers. */
export function withLowering<T>(
  site: SiteState,
  howLong: LoweredFor,
  ask: (lowering: Lowering) => T,
): T {
  const lowering = new Lowering(site, howLong);
  try {
    return ask(lowering);
  } finally {
    lowering.undo();
  }
}
