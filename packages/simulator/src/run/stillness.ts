import { toNumber } from "@ertis/quantities";
import type { Event } from "@ertis/scheduler-engine";
import type { Checks } from "../check/checks.ts";
import type { Controller } from "../control/controller.ts";
import type { ScenarioPlayer } from "../scenario/scenario-player.ts";

/**
 * How a run ended: every job over, at its horizon, with jobs that wait for what never comes, or because
 * the scheduler ran in a circle.
 */
export type Ending = "all-over" | "horizon" | "stalled" | "stuck";

/** Longer than any repair: when nothing has run for so long, nothing will. */
const stillMsMax = 26 * 3_600_000;

const moves: ReadonlySet<Event["kind"]> = new Set([
  "jobs-submitted",
  "attempt-started",
  "attempt-exited",
  "placement-released",
]);

export interface WatchedWorld {
  readonly nowMs: number;
  readonly checks: Checks;
  readonly controller: Controller;
  readonly scenario: ScenarioPlayer;
}

/** Sees when jobs wait, nothing runs, and nothing is to come that could let them start. */
export class Stillness {
  readonly #world: WatchedWorld;
  /** When a job came, started or ended last. */
  #movedAtMs: number;

  constructor(world: WatchedWorld) {
    this.#world = world;
    this.#movedAtMs = world.nowMs;
  }

  observe({ kind }: Event): void {
    if (moves.has(kind)) {
      this.#movedAtMs = this.#world.nowMs;
    }
  }

  isStill(): boolean {
    return this.#world.nowMs - this.#movedAtMs >= stillMsMax && this.isQuiet();
  }

  /** Nothing runs, and nobody knows of anything that will change. */
  isQuiet(): boolean {
    const { checks, scenario } = this.#world;
    return checks.heldCount === 0 && scenario.isPlayed && !this.#isChangeKnown();
  }

  /** Budgets and curtailments that begin or end later. */
  #isChangeKnown(): boolean {
    const { controller, nowMs } = this.#world;
    const { budgets, curtailments } = controller.engine.state;
    const schedulerMs = controller.timeAt(nowMs);
    return (
      [...budgets.values()].some(
        ({ from, until }) =>
          toNumber(from) > schedulerMs || (until !== undefined && toNumber(until) > schedulerMs),
      ) || [...curtailments.records.values()].some(({ isOver }) => !isOver)
    );
  }
}
