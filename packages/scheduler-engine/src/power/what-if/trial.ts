import { known } from "../../state/assert.ts";
import type { Horizon, SiteState } from "../../state/site-state.ts";
import { addLoad, bindingDomain, growthWatts, type MoreGpus } from "../ledger.ts";

/** Nodes that are added to the ledger one by one, each seeing those before it. */
class Trial {
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
    this.take(node, more);
    return true;
  }

  /** Adds a node that somebody else has found room for. */
  take(node: number, more: MoreGpus): void {
    this.nodes.push(node);
    for (const horizon of this.#horizons) {
      const watts = growthWatts(this.#site, node, more, horizon);
      addLoad(this.#site, horizon, node, watts);
      this.#growths.push(watts);
    }
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

/** Asks with nodes added to the ledger. They are taken back to the watt: sums are whole numbers. */
export function withTrial<T>(
  site: SiteState,
  horizons: readonly Horizon[],
  untilMs: number,
  ask: (trial: Trial) => T,
): T {
  const trial = new Trial(site, horizons, untilMs);
  try {
    return ask(trial);
  } finally {
    trial.undo();
  }
}

export type { Trial };
