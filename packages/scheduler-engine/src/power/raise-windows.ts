import { known } from "../state/assert.ts";
import type { Attempt } from "../state/job.ts";
import type { Horizon, SiteState } from "../state/site-state.ts";
import { stopGraceMs } from "../limits.ts";
import { createHorizon } from "./create-horizon.ts";
import { standingCeilingsAt } from "./horizons.ts";
import { refreshWatts } from "./ledger.ts";

/** What raises are told of others. */
export interface BesideRaises {
  /** When an attempt would end under another cap. */
  readonly endUnder: (attempt: Attempt, capWatts: number) => number;
  /** A ledger without what is kept for those who are away for a moment. */
  readonly withoutKept: (horizon: Horizon) => Horizon;
}

/**
 * The known moments to come as raises during a curtailment see them: with every cap as it is, where the
 * ledger of a time with a curtailment counts those that can be lowered at their floors. What stands beside
 * a curtailed domain relies on the watts that are really left. Made for one pass over caps, and told of each.
 */
export class RaiseWindows {
  readonly #site: SiteState;
  readonly #beside: BesideRaises;
  #now: Horizon | undefined;
  #hardNow: Horizon | undefined;
  /** By the position of the horizon, as far as they were asked for. */
  readonly #windows: Horizon[] = [];

  constructor(site: SiteState, beside: BesideRaises) {
    this.#site = site;
    this.#beside = beside;
  }

  /** That of now, with what bounds must not exceed. */
  get hardNow(): Horizon {
    this.#forgetOld();
    if (this.#hardNow === undefined) {
      const now = known(this.#site.horizons[0], "the horizon of now");
      this.#hardNow = this.#beside.withoutKept({ ...now, ceiling: this.#site.hardCeiling });
    }
    return this.#hardNow;
  }

  /** Those that begin before an attempt is gone at another cap: who goes faster is in nobody's way later on. */
  whileRunning(attempt: Attempt, capWatts: number): readonly Horizon[] {
    const untilMs = Math.min(
      this.#beside.endUnder(attempt, capWatts) + stopGraceMs,
      attempt.goneByMs,
    );
    return this.#before(untilMs);
  }

  #before(untilMs: number): readonly Horizon[] {
    const { horizons } = this.#site;
    this.#forgetOld();
    let count = 0;
    for (; (horizons[count + 1]?.atMs ?? Infinity) < untilMs; count += 1) {
      this.#windows[count] ??= this.#windowOf(known(horizons[count + 1], "a later horizon"));
    }
    return this.#windows.slice(0, count);
  }

  #forgetOld(): void {
    if (this.#now !== this.#site.horizons[0]) {
      // Something was promised or let go since.
      this.#now = this.#site.horizons[0];
      this.#hardNow = undefined;
      this.#windows.length = 0;
    }
  }

  /** The ledger follows by itself; only what was worked out here does not. */
  changed({ heldNodes }: Attempt): void {
    this.#windows.forEach((window, at) => {
      if (this.#site.horizons[at + 1]?.load !== window.load) {
        for (const node of heldNodes) {
          refreshWatts(this.#site, window, node);
        }
      }
    });
  }

  #windowOf(horizon: Horizon): Horizon {
    const { atMs, isCurtailed } = horizon;
    return this.#beside.withoutKept(
      isCurtailed === undefined
        ? horizon
        : createHorizon(this.#site, atMs, standingCeilingsAt(this.#site, atMs)),
    );
  }
}
