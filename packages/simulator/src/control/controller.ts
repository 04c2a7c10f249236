import { instant } from "@ertis/quantities";
import {
  type Command,
  Engine,
  type EngineLimits,
  type Entry,
  type Reply,
} from "@ertis/scheduler-engine";

/** A command without its moment. */
export type Request = Command extends infer One
  ? One extends Command
    ? Omit<One, "at">
    : never
  : never;

export type EntryListener = (entry: Entry, nowMs: number) => void;

/**
 * The production engine, driven as the writer loop of `scheduler-runtime` drives it: a tick when one
 * is due, the commands of a batch, one placement pass. Without a log: nothing here is durable.
 */
export class Controller {
  readonly engine: Engine;
  /** What is added to the world's time to get the scheduler's. */
  clockOffsetMs = 0;
  entryCount = 0;
  eventCount = 0;
  readonly #onEntry: EntryListener;
  #hasBegun = false;

  constructor(limits: EngineLimits, onEntry: EntryListener) {
    this.engine = new Engine(limits);
    this.#onEntry = onEntry;
  }

  /** The scheduler's time at a moment of the world: held still when its clock steps back. */
  timeAt(worldMs: number): number {
    return Math.max(this.engine.state.nowMs, worldMs + this.clockOffsetMs);
  }

  /** The moment of the world at which a tick falls due, or Infinity. */
  nextTickAtMs(): number {
    const next = this.engine.nextTickAtMs();
    return next === undefined ? Infinity : next - this.clockOffsetMs;
  }

  hasWork(worldMs: number): boolean {
    return this.engine.needsPass || this.#isTickDue(this.timeAt(worldMs));
  }

  /** One batch. @returns one reply a request, in order */
  runBatch(worldMs: number, requests: readonly Request[]): readonly Reply[] {
    const nowMs = this.timeAt(worldMs);
    const at = instant(nowMs);
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#execute({ kind: "restart", at }, worldMs);
    }
    if (this.#isTickDue(nowMs)) {
      this.#execute({ kind: "tick", at }, worldMs);
    }
    const replies = requests.map((request) => this.#execute({ ...request, at }, worldMs));
    if (this.engine.needsPass) {
      this.#execute({ kind: "place", at }, worldMs);
    }
    return replies;
  }

  #isTickDue(nowMs: number): boolean {
    const next = this.engine.nextTickAtMs();
    return next !== undefined && next <= nowMs;
  }

  #execute(command: Command, worldMs: number): Reply {
    const { entry, reply } = this.engine.execute(command);
    this.entryCount += 1;
    this.eventCount += entry.events.length;
    if (entry.events.length > 0) {
      this.#onEntry(entry, worldMs);
    }
    return reply;
  }
}
