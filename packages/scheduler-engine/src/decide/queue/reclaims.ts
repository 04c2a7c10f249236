import { toNumber } from "@ertis/quantities";
import { poolsOfShape } from "../../placement/capacity.ts";
import type { Candidate } from "../../state/candidate.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { Shape } from "../../state/queue.ts";
import { mayReserve } from "../../state/reservations.ts";
import { openAccounts } from "./open-accounts.ts";
import { type OwnAccount, ownAccounts } from "./own-accounts.ts";
import { hasOpenGuarantee } from "./may-preempt.ts";

const none: ReadonlyMap<number, OwnAccount> = new Map();

type Asked = Pick<Candidate, "shape" | "account" | "walltimeMs">;

/**
 * Who in a placement pass may stop others that jobs of the same shape of other accounts may not: for what is guaranteed,
 * or since they are its own and of a lower class. That a job of another account was told no says nothing of them; what
 * one of them was told is true of all below the same quota.
 */
export class Reclaims {
  readonly #state: EngineState;
  /** Below whose quotas a shape has been asked for, in this pass. */
  readonly #found = new Map<Shape, Set<number>>();
  #open: ReadonlyMap<number, number> | undefined;
  #own: ReadonlyMap<number, OwnAccount> | undefined;

  constructor(state: EngineState) {
    this.#state = state;
  }

  /** False: the account surely has its guarantee, or nobody could be stopped for it. */
  isOpen(account: number): boolean {
    return this.#accounts().has(account);
  }

  /**
   * A job of a shape whose account may stop others for it and has not asked yet, of the one first that has got the least
   * of its guarantee; none where nobody could be stopped.
   *
   * @param besides an account that asks already
   */
  find(
    shape: Shape,
    besides?: number,
  ): { readonly account: number; readonly job: Job } | undefined {
    const open = this.#accounts();
    const own = this.#ownFor(shape);
    if (open.size + own.size === 0) {
      return undefined;
    }
    const found = this.#found.get(shape) ?? new Set();
    this.#found.set(shape, found);
    const before = besides === undefined ? undefined : this.#holderOf(shape, besides);
    if (before !== undefined) {
      found.add(before);
    }
    for (const accounts of [open, own]) {
      for (const account of accounts.keys()) {
        const job = this.#firstToAsk(shape, account, found);
        if (job !== undefined) {
          return { account, job };
        }
      }
    }
    return undefined;
  }

  #firstToAsk(shape: Shape, account: number, found: Set<number>): Job | undefined {
    const holder = this.#holderOf(shape, account);
    if (holder === undefined || found.has(holder)) {
      return undefined;
    }
    const job = shape.jobs.first(account);
    if (job === undefined || this.#isInVain(shape, holder, toNumber(job.spec.walltime))) {
      return undefined;
    }
    found.add(holder);
    return this.#isEntitled(shape, account, job) ? job : undefined;
  }

  #isEntitled(shape: Shape, account: number, job: Job): boolean {
    const isOwn = this.#ownHolder(shape, account) !== undefined;
    return isOwn || hasOpenGuarantee(this.#state, job);
  }

  /** Would `find` find this job, were it the first of its account? */
  mayFind(asked: Asked, job: Job): boolean {
    return this.mayAsk(asked) && this.#isEntitled(asked.shape, asked.account, job);
  }

  /** It has asked to stop others, if its account may. */
  hasAsked({ shape, account, walltimeMs }: Asked): void {
    const holder = this.#holderOf(shape, account);
    if (holder !== undefined) {
      shape.reclaimsInVain.add(holder, walltimeMs, this.#state.releaseCount);
    }
  }

  /** It may stop others, and nobody below the same quota has asked yet. */
  mayAsk({ shape, account, walltimeMs }: Asked): boolean {
    const holder = this.#holderOf(shape, account);
    return holder !== undefined && !this.#isInVain(shape, holder, walltimeMs);
  }

  /** Below whose quota a job of the shape may stop others; undefined: below none. */
  #holderOf(shape: Shape, account: number): number | undefined {
    return this.#ownHolder(shape, account) ?? this.#accounts().get(account);
  }

  #ownHolder(shape: Shape, account: number): number | undefined {
    const own = this.#ownFor(shape).get(account);
    return own !== undefined && own.lowestClass < shape.priority ? own.holder : undefined;
  }

  /** None where others of its class are promised starts in all its pools: nobody is stopped beside those. */
  #ownFor(shape: Shape): ReadonlyMap<number, OwnAccount> {
    const { priority } = shape;
    const isHead =
      priority > 0 &&
      poolsOfShape(this.#state, shape).some((pool) => mayReserve(pool, undefined, priority));
    return isHead ? (this.#own ??= ownAccounts(this.#state)) : none;
  }

  #isInVain(shape: Shape, holder: number, walltimeMs: number): boolean {
    return shape.reclaimsInVain.has(holder, walltimeMs, this.#state.releaseCount);
  }

  #accounts(): ReadonlyMap<number, number> {
    this.#open ??= openAccounts(this.#state);
    return this.#open;
  }
}
