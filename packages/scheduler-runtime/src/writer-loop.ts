import { type Instant, instant, toNumber } from "@ertis/quantities";
import {
  type Command,
  encodeEntry,
  type Engine,
  isLogged,
  type Entry,
  type Reply,
} from "@ertis/scheduler-engine";
import { batchCount, type Pending, refuse, unavailable } from "./batch.ts";
import { desiredChanges } from "./desired.ts";
import { LatencyHistogram } from "./latency.ts";
import type { Clock, EventLog, Executor, Reporter, Sequence, Stopwatch } from "./ports.ts";
import { Rests } from "./rests.ts";
import type { CommittedEntry, Request, Unavailable, WriterTimings } from "./scheduler.ts";
import { describe } from "./retention.ts";

/** Reads between two batches: a crowd of questions takes turns with the writer. */
const readsPerTurnMax = 8;

export interface WriterLoopOptions {
  readonly engine: Engine;
  readonly sequence: Sequence;
  readonly log: Pick<EventLog, "append">;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly executors: readonly Executor[];
  readonly reporter: Reporter;
  readonly onCommitted: (entries: readonly CommittedEntry[], characters: number) => void;
  readonly onStopped: (reason: string) => void;
}

/**
 * The only writer. The order of its steps is the safety argument:
 *
 * 1. take a batch of commands, bounded
 * 2. decide, apply, place: on the state in memory
 * 3. append the events: durable, and refused when somebody else has written
 * 4. answer the callers, never before 3
 * 5. tell the executors what should run, never before 3
 *
 * Reads run between 5 and 1, when the state in memory is the durable one. If 3 fails, nobody was
 * promised anything: the loop stops, and a restart begins from the log.
 */
export class WriterLoop {
  readonly #options: WriterLoopOptions;
  #sequence: Sequence;
  #lastAt: Instant;
  #pending: Pending[] = [];
  #reads: (() => void)[] = [];
  #quietWaiters: (() => void)[] = [];
  #isRunning = false;
  #hasBegun = false;
  #stoppedBy: string | undefined;
  readonly #decisions = new LatencyHistogram();
  readonly #appends = new LatencyHistogram();
  readonly #rests = new Rests();

  constructor(options: WriterLoopOptions) {
    this.#options = options;
    this.#sequence = options.sequence;
    this.#lastAt = instant(options.engine.state.nowMs);
  }

  get sequence(): Sequence {
    return this.#sequence;
  }

  timings(): WriterTimings {
    return { decision: this.#decisions.summary(), append: this.#appends.summary() };
  }

  request(request: Request): Promise<Reply | Unavailable> {
    return new Promise((answer) => {
      if (this.#stoppedBy !== undefined) {
        answer(unavailable(this.#stoppedBy));
        return;
      }
      this.#pending.push({ request, answer });
      this.#wake();
    });
  }

  read<T>(query: (engine: Engine, sequence: Sequence) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reads.push(() => {
        try {
          resolve(query(this.#options.engine, this.#sequence));
        } catch (error) {
          reject(error);
        }
      });
      this.#wake();
    });
  }

  quiet(): Promise<void> {
    return new Promise((resolve) => {
      this.#quietWaiters.push(resolve);
      this.#wake();
    });
  }

  /** Takes nothing more; what is in flight is finished first. */
  async stop(reason: string): Promise<void> {
    await this.quiet();
    this.#halt(reason);
  }

  /** Starts a run of the loop unless one is going. */
  #wake(): void {
    if (!this.#isRunning) {
      this.#isRunning = true;
      // After the present turn, so that everything that arrives together shares one commit.
      void Promise.resolve().then(() => this.#run());
    }
  }

  async #run(): Promise<void> {
    while (this.#stoppedBy === undefined && this.#hasWork()) {
      await this.#runBatch();
      this.#rest();
      this.#runReads(readsPerTurnMax);
    }
    this.#runReads(Infinity);
    this.#isRunning = false;
    const waiters = this.#quietWaiters;
    this.#quietWaiters = [];
    for (const resolve of waiters) {
      resolve();
    }
    if (this.#stoppedBy === undefined) {
      this.#setAlarm();
    }
  }

  #hasWork(): boolean {
    return this.#pending.length > 0 || this.#reads.length > 0 || this.#hasOwnWork();
  }

  /** Has the engine something to do that nobody asks for? */
  #hasOwnWork(): boolean {
    return (this.#options.engine.needsPass || this.#isTickDue()) && this.#restLeftMs() === 0;
  }

  #restLeftMs(): number {
    return this.#rests.leftMs(toNumber(this.#options.clock.now()));
  }

  #rest(): void {
    const { engine, clock, reporter } = this.#options;
    const isAtRest = !engine.needsPass && !this.#isTickDue();
    if (this.#rests.afterBatch(isAtRest, toNumber(clock.now()))) {
      reporter.warn("the scheduler decides again and again without coming to rest: slowed down", {
        sequence: this.#sequence,
      });
    }
  }

  #isTickDue(): boolean {
    const next = this.#options.engine.nextTickAtMs();
    return next !== undefined && next <= toNumber(this.#options.clock.now());
  }

  #setAlarm(): void {
    const { engine, clock } = this.#options;
    const restLeftMs = this.#restLeftMs();
    const restedAtMs = restLeftMs === 0 ? undefined : toNumber(clock.now()) + restLeftMs;
    const next = restedAtMs ?? engine.nextTickAtMs();
    clock.wakeAt(next === undefined ? undefined : instant(next), () => this.#wake());
  }

  /** One batch; whatever goes wrong in it, its callers hear of it. */
  async #runBatch(): Promise<void> {
    const batch = this.#pending.slice(0, batchCount(this.#pending));
    this.#pending = this.#pending.slice(batch.length);
    try {
      await this.#decideAndAppend(batch);
    } catch (error) {
      const reason = describe(error);
      this.#halt(reason);
      refuse(batch, reason);
    }
  }

  async #decideAndAppend(batch: readonly Pending[]): Promise<void> {
    const { engine, log, executors, stopwatch } = this.#options;
    const takenAt = stopwatch();
    const at = this.#now();
    const entries: Entry[] = [];
    const replies: Reply[] = [];
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      entries.push(engine.execute({ kind: "restart", at }).entry);
    }
    if (this.#isTickDue()) {
      entries.push(engine.execute({ kind: "tick", at }).entry);
    }
    for (const { request } of batch) {
      const decision = engine.execute(stamp(request, at));
      entries.push(decision.entry);
      replies.push(decision.reply);
    }
    // One pass a batch: a bounded number of starts, then the callers hear. What is left is work for
    // the next batch.
    if (engine.needsPass) {
      entries.push(engine.execute({ kind: "place", at }).entry);
    }
    const facts = entries.filter(isLogged);
    if (facts.length > 0) {
      const payloads = facts.map(encodeEntry);
      const readyAt = stopwatch();
      this.#decisions.add(readyAt - takenAt);
      const result = await log.append(payloads, this.#sequence);
      this.#appends.add(stopwatch() - readyAt);
      if (result.kind === "log-conflict") {
        const reason = `the log ends at ${result.foundSequence}, not at ${result.expectedSequence}: another scheduler has written to it`;
        this.#halt(reason);
        refuse(batch, reason);
        return;
      }
      this.#commit(facts, payloads, result.sequence);
    }
    batch.forEach(({ answer }, index) => {
      const reply = replies[index];
      if (reply !== undefined) {
        answer(reply);
      }
    });
    for (const [site, change] of desiredChanges(engine.state, facts, this.#sequence)) {
      executors.find((one) => one.site === site)?.realize(change);
    }
  }

  #commit(facts: readonly Entry[], payloads: readonly string[], sequence: Sequence): void {
    const first = this.#sequence + 1;
    this.#sequence = sequence;
    const characters = payloads.reduce((sum, payload) => sum + payload.length, 0);
    this.#options.onCommitted(
      facts.map((entry, index) => ({ sequence: first + index, entry })),
      characters,
    );
  }

  /** The clock, held still when it steps back: moments in the log never decrease. */
  #now(): Instant {
    const now = this.#options.clock.now();
    this.#lastAt = now > this.#lastAt ? now : this.#lastAt;
    return this.#lastAt;
  }

  #runReads(countMax: number): void {
    const reads = this.#reads.slice(0, countMax);
    this.#reads = this.#reads.slice(reads.length);
    for (const read of reads) {
      read();
    }
  }

  #halt(reason: string): void {
    if (this.#stoppedBy !== undefined) {
      return;
    }
    this.#stoppedBy = reason;
    this.#options.clock.wakeAt(undefined, () => {});
    refuse(this.#pending, reason);
    this.#pending = [];
    this.#options.onStopped(reason);
  }
}

function stamp(request: Request, at: Instant): Command {
  return { ...request, at };
}
