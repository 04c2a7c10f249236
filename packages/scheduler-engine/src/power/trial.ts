import { known } from "../state/assert.ts";
import type { Horizon, SiteState } from "../state/site-state.ts";
import { addLoad, bindingDomain, growthWatts, type MoreGpus } from "./ledger.ts";

/**
 * A what-if on the ledger: nodes are added one by one, each seeing those before it, and taken back
 * to the watt. Sums are whole numbers, so nothing is left behind.
 */
export class Trial {
  readonly nodes: number[] = [];
  readonly #site: SiteState;
  readonly #horizons: readonly Horizon[];
  /** Those that it would meet. */
  readonly #met: readonly Horizon[];
  /** Growth of each node, one entry a horizon. */
  readonly #growths: number[] = [];

  constructor(site: SiteState, horizons: readonly Horizon[], untilMs: number) {
    this.#site = site;
    this.#horizons = horizons;
    this.#met = horizons.filter(({ atMs }) => atMs < untilMs);
  }

  /** Adds a node when every domain above it has room until the end; says whether it did. */
  add(node: number, more: MoreGpus): boolean {
    if (bindingDomain(this.#site, this.#met, node, more) !== -1) {
      return false;
    }
    this.nodes.push(node);
    for (const horizon of this.#horizons) {
      const watts = growthWatts(this.#site, node, more, horizon);
      addLoad(this.#site, horizon, node, watts);
      this.#growths.push(watts);
    }
    return true;
  }

  undo(): void {
    const width = this.#horizons.length;
    this.nodes.forEach((node, index) => {
      this.#horizons.forEach((horizon, at) => {
        addLoad(
          this.#site,
          horizon,
          node,
          -known(this.#growths[index * width + at], "growth of a tried node"),
        );
      });
    });
  }
}
