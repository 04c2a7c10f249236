import { toNumber } from "@ertis/quantities";
import type { EngineState } from "../../state/engine-state.ts";
import type { Candidate, KeptCandidate } from "../../state/candidate.ts";
import { Heap } from "../../state/heap.ts";
import { isEligible, type Job } from "../../state/job.ts";
import { comparePlaces, isAhead, type OrderKey, QueueOrder } from "../../state/order.ts";
import type { Shape } from "../../state/queue.ts";
import { Reclaims } from "./reclaims.ts";

/** Up to so many, accounts are compared with each other; more are looked for in the order of all. */
const fewAccounts = 16;

/** How a job is asked for. */
type Asked = Pick<Candidate, "isFirst" | "isPinned">;

const inTurn: Asked = { isFirst: true, isPinned: false };
/** Not for its shape. */
const pinned: Asked = { isFirst: false, isPinned: true };

/** When an account's first candidate has its turn, as it looked when it was put in line. */
interface Turn {
  readonly account: number;
  readonly key: OrderKey;
}

/**
 * Who waits in a placement pass, in order: of each shape the job that goes first. Each account's
 * candidates stand in a line of their own, and accounts take turns by their first, so a start, which
 * moves a whole account back, costs one new turn. Jobs that nobody asks for are not touched: that
 * would be most of the cost of a long queue.
 */
export class Line {
  readonly #state: EngineState;
  readonly #releaseCount: number;
  readonly #order: QueueOrder;
  readonly #waiting = new Map<number, Heap<Candidate>>();
  readonly #turns = new Heap<Turn>((a, b) => isAhead(a.key, b.key));
  /** An account has one turn; older ones are passed over. */
  readonly #turnOf = new Map<number, Turn>();
  /** Accounts of a shape that got a no of their own. */
  readonly #refused = new Map<Shape, Set<number>>();
  readonly #reclaims: Reclaims;
  /** Nobody has been asked for the next one: accounts get their turns when the line is long. */
  #isNew = true;

  constructor(state: EngineState) {
    this.#state = state;
    this.#releaseCount = state.releaseCount;
    this.#order = new QueueOrder(state);
    this.#reclaims = new Reclaims(state);
  }

  /** Puts the first job of a shape in line, where it may have an answer, else one that may have its guarantee back. */
  offer(shape: Shape): void {
    const account = this.#firstAccount(shape);
    const job = account === undefined ? undefined : shape.jobs.first(account);
    if (account === undefined || job === undefined) {
      return;
    }
    if (this.isKnownBlocked({ shape, account, walltimeMs: toNumber(job.spec.walltime) })) {
      this.offerReclaim(shape);
    } else {
      this.#ask(shape, job, account, inTurn);
    }
  }

  /** The same of a shape whose only account is known, and its first job. */
  offerOnly(kept: KeptCandidate, isPoor: boolean): void {
    if (!this.isKnownBlocked(kept)) {
      if (kept.dueFromMs > this.#state.nowMs) {
        // As `QueueOrder.placeOf` would say, without a look at the job.
        kept.inClass = kept.shape.priority;
        kept.dueAtMs = Infinity;
      } else {
        const place = this.#order.placeOf(kept.job);
        kept.inClass = place.inClass;
        kept.dueAtMs = place.dueAtMs;
      }
      kept.isPoor = isPoor;
      this.#push(kept);
    }
  }

  /** Of a shape that has no room: who may have a guarantee back and has not asked for it yet. */
  offerReclaim(shape: Shape, besides?: number): void {
    const found = this.#reclaims.find(shape, besides);
    if (found !== undefined) {
      this.#ask(shape, found.job, found.account, pinned);
    }
  }

  /** Would `offerReclaim` offer anybody? To be asked once it is not, in this pass. */
  mayOfferReclaim(shape: Shape, besides: number): boolean {
    return this.#reclaims.find(shape, besides) !== undefined;
  }

  /** False: the account surely has its guarantee, or nobody could be stopped for it. */
  mayReclaim(account: number): boolean {
    return this.#reclaims.isOpen(account);
  }

  /** It has asked for what its account is guaranteed, if it is. */
  hasReclaimed(one: Candidate): void {
    this.#reclaims.hasAsked(one);
  }

  /** A job that needs no less did not fit, nothing was released since, and it has no guarantee to ask for. */
  isKnownBlocked(one: Pick<Candidate, "shape" | "account" | "walltimeMs">): boolean {
    const { shape, walltimeMs } = one;
    return (
      shape.blockedAtRelease === this.#state.releaseCount &&
      walltimeMs >= shape.blockedWalltimeMs &&
      !this.#reclaims.mayAsk(one)
    );
  }

  /** A job that is asked for itself, whoever stands before it. */
  add(shape: Shape, job: Job, account: number): void {
    this.#ask(shape, job, account, pinned);
  }

  /** What it was told when it was put in line is true until something is released. */
  isStillPoor({ isPoor }: Candidate): boolean {
    return isPoor && this.#state.releaseCount === this.#releaseCount;
  }

  #begin(): void {
    if (this.#isNew) {
      this.#isNew = false;
      for (const [account, line] of this.#waiting) {
        const first = line.peek();
        if (first !== undefined) {
          this.#takeTurn(account, first);
        }
      }
    }
  }

  /** Starts only ever move an account back: one that was first may have to go behind others. */
  next(): Candidate | undefined {
    this.#begin();
    for (let turn = this.#turns.pop(); turn !== undefined; turn = this.#turns.pop()) {
      const { account } = turn;
      const line = this.#waiting.get(account);
      const first = line?.peek();
      if (turn !== this.#turnOf.get(account) || line === undefined || first === undefined) {
        continue;
      }
      if (isAhead(turn.key, this.#order.keyAt(first, account))) {
        this.#takeTurn(account, first);
        continue;
      }
      line.pop();
      const second = line.peek();
      if (second !== undefined) {
        this.#takeTurn(account, second);
      }
      if (
        !first.isPinned &&
        !this.#isOnlyAccount(first) &&
        this.#firstAccount(first.shape) !== account
      ) {
        this.offer(first.shape);
      } else if (isEligible(first.job)) {
        return first;
      }
    }
    return undefined;
  }

  /**
   * Drops who surely gets a no from now on, all at once: most of a long line, once a start is promised to
   * one of it. Only where no other account's job of the shape could get another answer.
   *
   * @returns whoever was dropped, in no order that may decide anything
   */
  drop(isInVain: (candidate: Candidate) => boolean): readonly Candidate[] {
    const dropped: Candidate[] = [];
    for (const [account, line] of this.#waiting) {
      const left: Candidate[] = [];
      for (const one of line.items()) {
        const isDropped = one.isFirst && this.#isOnlyAccount(one) && isInVain(one);
        (isDropped ? dropped : left).push(one);
      }
      if (left.length < line.size) {
        this.#waiting.delete(account);
        this.#turnOf.delete(account);
        for (const one of left) {
          this.#push(one);
        }
      }
    }
    return dropped;
  }

  /** It is all of its shape that may be asked for. */
  #isOnlyAccount({ shape, isOnly }: Candidate): boolean {
    return (
      (isOnly || shape.jobs.accountCount === 1) &&
      (this.#refused.size === 0 || !this.#refused.has(shape))
    );
  }

  /** Something started: where accounts stand has changed. */
  started(): void {
    this.#order.forgetStandings();
  }

  /** This account got a no that is its own; others of the shape may get a yes. */
  passOver({ shape, account, isPinned }: Candidate): void {
    const refused = this.#refused.get(shape) ?? new Set();
    this.#refused.set(shape, refused.add(account));
    if (isPinned) {
      this.offerReclaim(shape, account);
    } else {
      this.offer(shape);
    }
  }

  /** The account whose first job of a shape goes first. */
  #firstAccount(shape: Shape): number | undefined {
    const { jobs } = shape;
    const refused = this.#refused.get(shape);
    if (jobs.accountCount === 1 && refused === undefined) {
      return jobs.firstAccount();
    }
    const mayAsk = (account: number): boolean =>
      jobs.has(account) && refused?.has(account) !== true && jobs.first(account) !== undefined;
    if (jobs.accountCount > 1 && jobs.earliestDueMs <= this.#state.nowMs) {
      return this.#firstOf(shape, [...jobs.accounts()].filter(mayAsk));
    }
    if (jobs.accountCount <= fewAccounts) {
      return this.#order.firstByStanding([...jobs.accounts()].filter(mayAsk));
    }
    return this.#order.accountsInOrder().find(mayAsk);
  }

  /** Where some may be due, each account's first job has to be looked at. */
  #firstOf({ jobs }: Shape, accounts: readonly number[]): number | undefined {
    let best: { readonly account: number; readonly key: OrderKey } | undefined;
    for (const account of accounts) {
      const job = jobs.first(account);
      const key = job && this.#order.keyAt(this.#order.placeOf(job), account);
      if (key !== undefined && (best === undefined || isAhead(key, best.key))) {
        best = { account, key };
      }
    }
    return best?.account;
  }

  #ask(shape: Shape, job: Job, account: number, how: Asked): void {
    const walltimeMs = toNumber(job.spec.walltime);
    const place = this.#order.placeOf(job);
    this.#push({
      shape,
      job,
      account,
      walltimeMs,
      isOnly: false,
      ...place,
      ...how,
      isPoor: false,
      needs: undefined,
    });
  }

  #push(candidate: Candidate): void {
    const { account } = candidate;
    let line = this.#waiting.get(account);
    if (line === undefined) {
      line = new Heap<Candidate>(isBefore);
      this.#waiting.set(account, line);
    }
    line.push(candidate);
    if (!this.#isNew && line.peek() === candidate) {
      this.#takeTurn(account, candidate);
    }
  }

  #takeTurn(account: number, first: Candidate): void {
    const turn = { account, key: this.#order.keyAt(first, account) };
    this.#turnOf.set(account, turn);
    this.#turns.push(turn);
  }
}

function isBefore(a: Candidate, b: Candidate): boolean {
  return comparePlaces(a, b) < 0;
}
