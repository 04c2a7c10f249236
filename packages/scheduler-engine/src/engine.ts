import { toNumber } from "@ertis/quantities";
import { applyEvent } from "./apply/apply.ts";
import { advanceTime } from "./apply/time.ts";
import { setAccounts } from "./decide/commands/accounts.ts";
import { removeBudget, setBudget } from "./decide/commands/budgets.ts";
import { changeJobs } from "./decide/commands/change-jobs.ts";
import { cancelCurtailment, scheduleCurtailment } from "./decide/commands/curtailments.ts";
import type { Deciding } from "./decide/deciding.ts";
import { changeNodes, drainNodes } from "./decide/commands/nodes.ts";
import { measure } from "./decide/commands/measure.ts";
import { place } from "./decide/queue/place.ts";
import { report } from "./decide/commands/report.ts";
import { shedWhereOver } from "./decide/shed/shed.ts";
import { registerSite } from "./decide/commands/sites.ts";
import { submitJobs } from "./decide/commands/submit.ts";
import { nextTickAtMs, tick } from "./decide/commands/tick.ts";
import { checkLimits, defaultLimits, type EngineLimits } from "./limits.ts";
import { assert } from "./state/assert.ts";
import { createEngineState, type EngineState } from "./state/engine-state.ts";
import type { Command } from "./words/command.ts";
import type { Entry, Event, RecordedCommand } from "./words/event.ts";
import type { Reply } from "./words/reply.ts";

/** What a command did. */
export interface Decision {
  readonly entry: Entry;
  readonly reply: Reply;
}

/**
 * The rules. `execute` decides and applies at once; the caller makes the entry durable before it
 * tells anyone, and throws the engine away when it cannot. `replay` applies an entry of the log.
 */
export class Engine {
  readonly limits: EngineLimits;
  readonly #state: EngineState;

  constructor(limits: EngineLimits = defaultLimits, state: EngineState = createEngineState()) {
    checkLimits(limits);
    this.limits = limits;
    this.#state = state;
  }

  /** To read, never to change. */
  get state(): EngineState {
    return this.#state;
  }

  /** @throws BrokenInvariant when time runs backwards or state contradicts itself: a bug. */
  execute(command: Command): Decision {
    const atMs = toNumber(command.at);
    assert(atMs >= this.#state.nowMs, "commands never go back in time");
    advanceTime(this.#state, atMs);
    const events: Event[] = [];
    const deciding: Deciding = {
      state: this.#state,
      limits: this.limits,
      emit: (event) => {
        events.push(event);
        applyEvent(this.#state, event);
      },
    };
    const reply = decide(deciding, command);
    shedWhereOver(deciding);
    return { entry: { at: command.at, command: recorded(command), events }, reply };
  }

  /** Applies an entry that was decided before, here or elsewhere. */
  replay(entry: Entry): void {
    advanceTime(this.#state, toNumber(entry.at));
    for (const event of entry.events) {
      applyEvent(this.#state, event);
    }
  }

  /**
   * The state to read at a moment after the last command: where nothing happens, no command tells how late it is. Not
   * later than the next tick has something to do, for what it will do is not known before.
   */
  stateAt(atMs: number): EngineState {
    const untilMs = Math.min(atMs, this.nextTickAtMs() ?? Infinity);
    return untilMs > this.#state.nowMs ? { ...this.#state, nowMs: untilMs } : this.#state;
  }

  /** When a tick has something to do next, in ms since the epoch. */
  nextTickAtMs(): number | undefined {
    return nextTickAtMs({ state: this.#state, limits: this.limits });
  }

  /** Would a placement pass look at anything? */
  get needsPass(): boolean {
    const { passedAtRelease, releaseCount, queue, areRaisesLeft } = this.#state;
    return passedAtRelease !== releaseCount || queue.hasFresh || areRaisesLeft;
  }
}

function decide(deciding: Deciding, command: Command): Reply {
  switch (command.kind) {
    case "submit-jobs":
      return submitJobs(deciding, command);
    case "cancel-jobs":
    case "hold-jobs":
    case "release-jobs":
      return changeJobs(deciding, command);
    case "report":
      return report(deciding, command);
    case "cordon-nodes":
    case "uncordon-nodes":
    case "confirm-power-off":
      return changeNodes(deciding, command);
    case "drain-nodes":
      return drainNodes(deciding, command);
    case "set-budget":
      return setBudget(deciding, command);
    case "remove-budget":
      return removeBudget(deciding, command);
    case "register-site":
      return registerSite(deciding, command);
    case "measure":
      return measure(deciding, command);
    case "schedule-curtailment":
      return scheduleCurtailment(deciding, command);
    case "cancel-curtailment":
      return cancelCurtailment(deciding, command);
    case "set-accounts":
      return setAccounts(deciding, command);
    case "tick":
      return tick(deciding);
    case "place":
      return place(deciding);
    case "restart":
      deciding.emit({ kind: "restarted" });
      return { kind: "done" };
  }
}

/** Does an entry go into the log? Facts do, and so does every placement pass. */
export function isLogged(entry: Entry): boolean {
  return entry.events.length > 0 || entry.command.kind === "place";
}

function recorded(command: Command): RecordedCommand {
  switch (command.kind) {
    case "submit-jobs":
      return { kind: command.kind, at: command.at };
    case "measure":
      // What was kept of it is in its event, and there are many.
      return { ...command, domains: [], attempts: [] };
    default:
      return command;
  }
}
