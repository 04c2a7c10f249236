import type { CapSet } from "@ertis/scheduler-engine";
import type { CapHappening, PlantContext } from "./plant-context.ts";
import { drawMs } from "./plant-context.ts";
import type { PlantNodes } from "./plant-nodes.ts";
import type { PlantPrograms } from "./plant-programs.ts";

/** Caps from the order to the word that they hold. */
export class PlantCaps {
  /** While stuck, GPUs take no new caps. */
  areStuck = false;
  readonly #context: PlantContext;
  readonly #programs: PlantPrograms;
  readonly #nodes: PlantNodes;

  constructor(context: PlantContext, programs: PlantPrograms, nodes: PlantNodes) {
    this.#context = context;
    this.#programs = programs;
    this.#nodes = nodes;
  }

  /** The newest order counts: one that is overtaken is never carried out. */
  send(event: CapSet, nowMs: number): void {
    const attempt = this.#programs.find(event.attempt);
    if (attempt === undefined) {
      return;
    }
    const { rules, chance, heap } = this.#context;
    // Orders are counted on both sides.
    attempt.sentOrder += 1;
    let heldMs = nowMs + drawMs(this.#context, rules.capDelayMs);
    while (chance.happens(rules.capLossShare)) {
      heldMs += rules.capRepeatMs;
    }
    const { capWatts } = event;
    heap.push(heldMs, { kind: "cap-holds", attempt, capWatts, order: attempt.sentOrder });
  }

  happen(due: CapHappening, nowMs: number): void {
    const { attempt, capWatts, order } = due;
    if (attempt.phase === "ended" || attempt.sentOrder !== order) {
      return;
    }
    if (due.kind === "cap-told") {
      const nodes = this.#nodes.alive(attempt.nodes);
      this.#context.say({ kind: "cap-applied", attempt: attempt.key, nodes, capWatts, order });
      return;
    }
    const { rules, chance, heap } = this.#context;
    if (this.areStuck) {
      heap.push(nowMs + rules.capRepeatMs, due);
      return;
    }
    attempt.appliedCapWatts.fill(capWatts);
    this.#programs.pace(attempt, nowMs);
    // What the GPUs do and what is heard of it are two things: the word may be lost by itself.
    const toldMs = chance.happens(rules.capLossShare) ? nowMs + rules.capRepeatMs : nowMs;
    heap.push(toldMs, { ...due, kind: "cap-told" });
  }
}
