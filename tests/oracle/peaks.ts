import { toNumber } from "@ertis/quantities";
import type { DomainKind } from "@ertis/site-model";
import type { World } from "./world.ts";

export interface DomainPeak {
  readonly site: string;
  readonly domain: string;
  readonly kind: DomainKind;
  /** Highest sum of in-force bounds and fixed load, rounded up. */
  readonly peakWatts: number;
  /** What survives any single failure. */
  readonly usableWatts: number;
  /** Smallest budget in force at the moment of the peak. */
  readonly budgetWatts: number | undefined;
  readonly atMs: number;
}

/** Keeps the highest load of every domain, looking only at those that grew. */
export class Peaks {
  readonly #peaks = new Map<string, DomainPeak>();

  observe(world: World): void {
    for (const book of world.sites.values()) {
      for (const index of book.grown) {
        const domain = book.site.domains[index];
        if (domain === undefined) {
          continue;
        }
        const peakWatts = book.ledger.loadWatts(index);
        const before = this.#peaks.get(domain.id);
        if (before === undefined || before.peakWatts < peakWatts) {
          this.#peaks.set(domain.id, {
            site: book.site.id,
            domain: domain.id,
            kind: domain.kind,
            peakWatts,
            usableWatts: toNumber(domain.usableWatts),
            budgetWatts: book.budgetWatts(index, world.nowMs),
            atMs: world.nowMs,
          });
        }
      }
    }
  }

  list(): readonly DomainPeak[] {
    return [...this.#peaks.values()];
  }
}
