import { toNumber } from "@ertis/quantities";
import type { Candidate } from "../../state/candidate.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { Shape } from "../../state/queue.ts";
import { openAccounts } from "./open-accounts.ts";
import { hasOpenGuarantee } from "./preempt.ts";

type Asked = Pick<Candidate, "shape" | "account" | "walltimeMs">;

/**
 * Who in a placement pass may stop others for what is guaranteed. That a job of another account with the same shape was
 * told no says nothing of them; what one of them was told is true of all below the same guarantee.
 */
export class Reclaims {
  readonly #state: EngineState;
  /** Whose guarantees a shape has been asked for, in this pass. */
  readonly #found = new Map<Shape, Set<number>>();
  #open: ReadonlyMap<number, number> | undefined;

  constructor(state: EngineState) {
    this.#state = state;
  }

  /** False: the account surely has its guarantee, or nobody could be stopped for it. */
  isOpen(account: number): boolean {
    return this.#accounts().has(account);
  }

  /**
   * A job of a shape whose account may ask for its guarantee back and has not yet, of the one that has got the least of
   * it; none where nobody could be stopped.
   *
   * @param besides whose guarantee is asked for already
   */
  find(
    shape: Shape,
    besides?: number,
  ): { readonly account: number; readonly job: Job } | undefined {
    const open = this.#accounts();
    if (open.size === 0) {
      return undefined;
    }
    const found = this.#found.get(shape) ?? new Set();
    this.#found.set(shape, found);
    const own = besides === undefined ? undefined : open.get(besides);
    if (own !== undefined) {
      found.add(own);
    }
    for (const [account, holder] of open) {
      const job = found.has(holder) ? undefined : shape.jobs.first(account);
      if (job !== undefined && !this.#isInVain(shape, holder, toNumber(job.spec.walltime))) {
        found.add(holder);
        if (hasOpenGuarantee(this.#state, job)) {
          return { account, job };
        }
      }
    }
    return undefined;
  }

  /** It has asked to have its guarantee back, if it is below one. */
  hasAsked({ shape, account, walltimeMs }: Asked): void {
    const holder = this.#accounts().get(account);
    if (holder !== undefined) {
      shape.reclaimsInVain.add(holder, walltimeMs, this.#state.releaseCount);
    }
  }

  /** It is below a guarantee, for which nobody has asked yet. */
  mayAsk({ shape, account, walltimeMs }: Asked): boolean {
    const holder = this.#accounts().get(account);
    return holder !== undefined && !this.#isInVain(shape, holder, walltimeMs);
  }

  #isInVain(shape: Shape, holder: number, walltimeMs: number): boolean {
    return shape.reclaimsInVain.has(holder, walltimeMs, this.#state.releaseCount);
  }

  #accounts(): ReadonlyMap<number, number> {
    this.#open ??= openAccounts(this.#state);
    return this.#open;
  }
}
