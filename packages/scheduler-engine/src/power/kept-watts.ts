import { visitAbove } from "../state/columns.ts";
import type { Horizon, SiteState } from "../state/site-state.ts";

/** Watts that are kept for somebody, scaled, by column. */
export class KeptWatts {
  readonly #scaled = new Map<number, number>();

  /** Keeps watts of a node in every domain above it. */
  add(site: SiteState, node: number, watts: number): void {
    visitAbove(site, node, watts, (column, scaled) => {
      this.#scaled.set(column, (this.#scaled.get(column) ?? 0) + scaled);
    });
  }

  /** Ledgers that leave them free; they themselves where nothing is kept. */
  beside(horizons: readonly Horizon[]): readonly Horizon[] {
    return this.#scaled.size === 0 ? horizons : horizons.map((horizon) => this.besideOne(horizon));
  }

  /** The same of one. */
  besideOne(horizon: Horizon): Horizon {
    if (this.#scaled.size === 0) {
      return horizon;
    }
    const ceiling = horizon.ceiling.slice();
    this.#scaled.forEach((scaled, column) => {
      ceiling[column] = (ceiling[column] ?? 0) - scaled;
    });
    return { ...horizon, ceiling };
  }
}
