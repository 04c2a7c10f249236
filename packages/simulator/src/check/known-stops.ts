import { type AttemptKey, type Event, stopGraceMs, switchOffMs } from "@ertis/scheduler-engine";
import type { Emergencies } from "./emergencies.ts";
import { keyText } from "./violation.ts";

/** Something that the scheduler itself asked to end, so that it knew of the fall. */
export interface KnownStop {
  readonly askedAtMs: number;
  /**
   * `planned`: a pause, a shrink, a preemption, a node that goes off. `forced`: bounds must not go on as they are.
   * `due`: a walltime, a drain's deadline; wound down where caps and time allow.
   */
  readonly kind: "planned" | "forced" | "due";
  /** Answers that come later are no plan any more. */
  readonly untilMs: number;
  /** Its fall by domain so far, with what makes room for the same job. */
  readonly fallen: Map<number, number>;
}

/** Ends that were known, from events alone: who was asked to stop or go off, why and when. */
export class KnownStops {
  readonly #emergencies: Emergencies;
  readonly #stops = new Map<string, KnownStop>();
  readonly #sleeps = new Map<number, KnownStop>();
  /** Who was paused last, for a curtailment by name or for what must not go on. */
  #paused = { task: "", atMs: -1, isNamed: false };
  #reservedAtMs = -1;
  /** Of stops for one job, which are asked for at one moment. */
  #together = { atMs: -1, fallen: new Map<number, number>() };
  readonly #lostNodes = new Set<number>();

  constructor(emergencies: Emergencies) {
    this.#emergencies = emergencies;
  }

  /** Before anybody asks for the cause of the event. */
  observe(event: Event, atMs: number): void {
    switch (event.kind) {
      case "job-paused": {
        const isNamed = event.curtailment !== undefined;
        this.#paused = { task: taskText(event), atMs, isNamed };
        return;
      }
      case "reservation-made":
        this.#reservedAtMs = atMs;
        return;
      case "stop-requested": {
        const kind = this.#kindOf(event, atMs);
        if (kind !== undefined) {
          const fallen =
            this.#reservedAtMs === atMs ? this.#fallenWith(atMs) : new Map<number, number>();
          const stop = { askedAtMs: atMs, kind, untilMs: Infinity, fallen };
          this.#stops.set(keyText(event.attempt), stop);
        }
        return;
      }
      case "attempt-exited": {
        const stop = this.#stops.get(keyText(event.attempt));
        if (stop !== undefined) {
          this.#stops.set(keyText(event.attempt), { ...stop, untilMs: atMs + stopGraceMs });
        }
        return;
      }
      case "node-sleep-requested": {
        const kind = this.#emergencies.isOn(atMs) ? "forced" : "planned";
        for (const node of event.nodes) {
          const untilMs = atMs + switchOffMs;
          this.#sleeps.set(node, { askedAtMs: atMs, kind, untilMs, fallen: new Map() });
        }
        return;
      }
      case "node-wake-requested":
        for (const node of event.nodes) {
          this.#sleeps.delete(node);
        }
        return;
      case "node-lost":
        this.#lostNodes.add(event.node);
        return;
      case "node-returned":
        this.#lostNodes.delete(event.node);
        return;
      default:
    }
  }

  /** Undefined: nobody could know of this fall. */
  stopOf(event: Event): KnownStop | undefined {
    if (event.kind === "node-powered-off") {
      return this.#sleeps.get(event.node);
    }
    // Of a node that was lost nobody knows when it stops to draw.
    const isLost =
      "nodes" in event &&
      this.#lostNodes.size > 0 &&
      event.nodes.some((node) => this.#lostNodes.has(node));
    return event.kind === "placement-released" && !isLost
      ? this.#stops.get(keyText(event.attempt))
      : undefined;
  }

  #fallenWith(atMs: number): Map<number, number> {
    if (this.#together.atMs !== atMs) {
      this.#together = { atMs, fallen: new Map() };
    }
    return this.#together.fallen;
  }

  #kindOf(
    { attempt, reason }: Extract<Event, { readonly kind: "stop-requested" }>,
    atMs: number,
  ): KnownStop["kind"] | undefined {
    switch (reason) {
      case "walltime":
      case "drain":
        return "due";
      case "preemption": {
        const isPaused = this.#paused.atMs === atMs && this.#paused.task === taskText(attempt);
        const isAsked = isPaused ? this.#paused.isNamed : this.#reservedAtMs === atMs;
        return isAsked && !this.#emergencies.isOn(atMs) ? "planned" : "forced";
      }
      default:
        return undefined;
    }
  }
}

function taskText({ job, task = 0 }: Pick<AttemptKey, "job"> & { readonly task?: number }): string {
  return `${job} ${task}`;
}
