import { toNumber } from "@ertis/quantities";
import {
  type Account,
  type AttemptKey,
  type AttemptStarted,
  type Event,
  priorityClasses,
} from "@ertis/scheduler-engine";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { lengthText } from "../words/words.ts";
import { AccountBook, type Amount, nothing, sumOf } from "./account-book.ts";
import { savedByCap } from "./power-tree.ts";
import { capInForce, type HeldAttempt, type SiteBook } from "./site-book.ts";
import { keyText, type Report } from "./violation.ts";

interface Counted {
  readonly held: HeldAttempt;
  readonly job: SimulatedJob;
  readonly path: readonly string[];
  readonly startedAtMs: number;
  readonly powerReservedWatts: number;
  amount: Amount;
}

export interface AccountCheckOptions {
  readonly book: SiteBook;
  readonly jobOf: (job: number) => SimulatedJob | undefined;
  readonly heldOf: (key: AttemptKey) => HeldAttempt | undefined;
  readonly report: Report;
}

/** Who is stopped for another has worked so long before. */
const workMinMs = 600_000;

/**
 * No account holds more than it may; who is stopped for another is not protected, of no higher class,
 * has worked a while, and takes nothing from what its account is guaranteed.
 */
export class AccountCheck {
  readonly #options: AccountCheckOptions;
  readonly #counted = new Map<string, Counted>();
  /** What the victims of one preemption take from each account. */
  readonly #taken = new Map<string, Amount>();
  /** Who has just been promised nodes: stops that follow at once are for it. 0: nobody. */
  #forJob = 0;
  #accounts: AccountBook | undefined;
  preemptionCount = 0;

  constructor(options: AccountCheckOptions) {
    this.#options = options;
  }

  /** Undefined: nobody set any. */
  get accounts(): AccountBook | undefined {
    return this.#accounts;
  }

  entryBegins(): void {
    this.#forJob = 0;
  }

  observe(event: Event, atMs: number): void {
    if (event.kind !== "stop-requested" && event.kind !== "reservation-made") {
      this.#forJob = 0;
    }
    switch (event.kind) {
      case "accounts-set":
        return this.#set(event.accounts);
      case "attempt-started":
        return this.#start(event, atMs);
      case "cap-set":
      case "cap-acknowledged":
      case "placement-released":
        return this.#recount(event.attempt, event.kind);
      case "reservation-made":
        this.#forJob = event.job;
        this.#taken.clear();
        return;
      case "stop-requested":
        // Those for which nobody is promised anything save watts: curtailments, emergencies.
        if (event.reason === "preemption" && this.#forJob !== 0) {
          this.preemptionCount += 1;
          this.#checkVictim(event.attempt, atMs);
        }
        return;
      default:
    }
  }

  #set(accounts: readonly Account[]): void {
    this.#accounts = new AccountBook(accounts);
    for (const one of this.#counted.values()) {
      this.#accounts.add(this.#accounts.pathOf(one.job), one.amount);
    }
  }

  #start({ attempt: key, placement }: AttemptStarted, atMs: number): void {
    const { jobOf, heldOf } = this.#options;
    const [held, job] = [heldOf(key), jobOf(key.job)];
    if (held !== undefined && job !== undefined) {
      this.#counted.set(keyText(key), {
        held,
        job,
        path: this.#accounts?.pathOf(job) ?? [],
        startedAtMs: atMs,
        powerReservedWatts: toNumber(placement.powerReserved),
        amount: nothing,
      });
      this.#recount(key, "attempt-started");
    }
  }

  #recount(key: AttemptKey, cause: Event["kind"]): void {
    const one = this.#counted.get(keyText(key));
    if (one === undefined) {
      return;
    }
    const amount = this.#amountOf(one);
    this.#accounts?.add(one.path, sumOf(amount, one.amount, -1));
    one.amount = amount;
    if (amount.gpuCount === 0) {
      this.#counted.delete(keyText(key));
    }
    const over = this.#accounts?.overQuota(one.path);
    if (over !== undefined && (cause === "attempt-started" || cause === "cap-set")) {
      this.#options.report("quota", `after ${cause} of ${keyText(key)}: ${over}`);
    }
  }

  #amountOf({ held, powerReservedWatts }: Counted): Amount {
    const { book } = this.#options;
    const nodes = [...held.masks.keys()].filter((node) => book.holds[node]?.has(held) === true);
    const admittedWatts = Math.floor((powerReservedWatts * nodes.length) / held.masks.size);
    const [capAtStart = 0] = held.sent;
    const savedWatts = nodes.reduce(
      (sum, node) => sum + this.#saved(held, node, capInForce(held, node)),
      -nodes.reduce((sum, node) => sum + this.#saved(held, node, capAtStart), 0),
    );
    return {
      gpuCount: nodes.length * held.gpuCount,
      reservedWatts: admittedWatts - savedWatts,
      admittedWatts,
    };
  }

  #saved({ gpuCount }: HeldAttempt, node: number, capWatts: number): number {
    const { site } = this.#options.book;
    const nodeClass = site.nodeClasses[site.nodes[node]?.classIndex ?? -1];
    return nodeClass === undefined ? 0 : savedByCap(nodeClass, { gpuCount, capWatts });
  }

  #checkVictim(key: AttemptKey, atMs: number): void {
    const { jobOf, report } = this.#options;
    const victim = this.#counted.get(keyText(key));
    const winner = jobOf(this.#forJob);
    if (victim === undefined || winner === undefined) {
      return report("preemption", `${keyText(key)} is stopped for nobody`);
    }
    const { job, startedAtMs } = victim;
    if (!job.isPreemptible || (job.flexibilityTier === 0 && job.checkpoint === undefined)) {
      report("preemption", `${keyText(key)} is protected, and is stopped for job ${this.#forJob}`);
    }
    if (atMs - startedAtMs < workMinMs) {
      report(
        "preemption",
        `${keyText(key)} is stopped after ${lengthText(atMs - startedAtMs)} of work`,
      );
    }
    const broken = this.#brokenRule(victim, winner);
    if (broken !== undefined) {
      report("preemption", `${keyText(key)} is stopped for job ${this.#forJob}: ${broken}`);
    }
  }

  #brokenRule({ job, path, amount }: Counted, winner: SimulatedJob): string | undefined {
    const classes = [winner, job].map((one) => priorityClasses.indexOf(one.priorityClass));
    const [higher = 0, lower = 0] = classes;
    if (higher < lower) {
      return "it is of a higher class";
    }
    const winners = this.#accounts?.pathOf(winner) ?? [];
    const at = path.findIndex((id) => !winners.includes(id));
    const [account, own] = [path[at], winners[at]];
    if (account === undefined || own === undefined || this.#accounts === undefined) {
      return higher === lower ? "they are of one account and class" : undefined;
    }
    const taken = sumOf(this.#taken.get(account) ?? nothing, amount);
    this.#taken.set(account, taken);
    const left = sumOf(this.#accounts.heldOf(account), taken, -1);
    const guaranteed = this.#accounts.guaranteedOf(account);
    if (
      guaranteed !== undefined &&
      left.gpuCount < guaranteed.gpuCount &&
      left.admittedWatts < guaranteed.watts
    ) {
      return `${account} is left ${left.gpuCount} GPUs and ${left.admittedWatts} W, less than it is guaranteed`;
    }
    const ownGuarantee = this.#accounts.guaranteedOf(own);
    const needed = this.#accounts.heldOf(own).gpuCount + winner.nodeCount * winner.gpusPerNode;
    return higher === lower && needed > (ownGuarantee?.gpuCount ?? 0)
      ? `${own} comes to ${needed} GPUs, more than it is guaranteed`
      : undefined;
  }
}
