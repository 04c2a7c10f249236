import { forkStream, type RandomStream } from "../chance/random-stream.ts";
import type { TimeHeap } from "../chance/time-heap.ts";
import type { Happening, PlantContext, WakeHappening } from "./plant-context.ts";
import type { PlantNodes } from "./plant-nodes.ts";
import type { PlantPrograms } from "./plant-programs.ts";

/** Nodes that were granted their watts and do not come up in their time, or not before they are asked again. */
export class PlantWakes {
  readonly #context: PlantContext;
  readonly #nodes: PlantNodes;
  readonly #programs: PlantPrograms;
  readonly #chance: RandomStream;
  /** By node, how often it was asked to wake or to sleep: what was to come before is void. */
  readonly #askCount = new Map<number, number>();
  /** When those that are late will come by themselves; Infinity: never. */
  readonly #comesAtMs = new Map<number, number>();

  constructor(context: PlantContext, seed: number, nodes: PlantNodes, programs: PlantPrograms) {
    this.#context = context;
    this.#nodes = nodes;
    this.#programs = programs;
    this.#chance = forkStream(seed, "wakes");
  }

  get #heap(): TimeHeap<Happening> {
    return this.#context.heap;
  }

  /** Its idle watts are granted. One that was tried and not asked before says itself when it is up. */
  grant(node: number, wake: "trusted" | "tried" | undefined, nowMs: number): void {
    const ask = this.#ask(node);
    const { rules } = this.#context;
    if (this.#nodes.hasFailed(node)) {
      // That it was ready may be heard late: no grant brings up what has died since, its repair does.
      if (wake !== undefined) {
        this.#comesAtMs.set(node, Infinity);
      }
      return;
    }
    if (wake === undefined || !this.#chance.happens(rules.wakeLossShare)) {
      this.#nodes.setPhase(node, "on", nowMs);
      if (wake === "tried") {
        this.#heap.push(nowMs + rules.wakeMs, { kind: "node-on", node });
      }
      return;
    }
    this.#nodes.setPhase(node, "waking", nowMs);
    const { min, max } = rules.lateWakeMs;
    const comesAtMs = this.#chance.happens(rules.deadWakeShare)
      ? Infinity
      : nowMs + Math.round(this.#chance.within(min, max));
    this.#comesAtMs.set(node, comesAtMs);
    if (comesAtMs < Infinity) {
      this.#heap.push(comesAtMs, { kind: "node-comes", node, ask });
    }
  }

  /** It was given up: its cluster makes sure that it is off, and says when it could come, unless it never does. */
  giveUp(node: number, nowMs: number): void {
    const comesAtMs = this.#comesAtMs.get(node);
    if (comesAtMs === undefined) {
      return;
    }
    const { min, max } = this.#context.rules.fenceMs;
    const fencedMs = nowMs + Math.round(this.#chance.within(min, max));
    const ask = this.#ask(node);
    this.#heap.push(fencedMs, { kind: "node-stays-off", node, ask });
    if (!this.#nodes.hasFailed(node)) {
      this.#nodes.setPhase(node, "off", nowMs);
      if (comesAtMs < Infinity) {
        this.#heap.push(Math.max(comesAtMs, fencedMs + 1_000), { kind: "node-comes", node, ask });
      }
    }
  }

  /** What was to come of what was asked of a node; void when something else was asked since. */
  happen({ kind, node, ask }: WakeHappening, nowMs: number): void {
    if (this.#askCount.get(node) !== ask) {
      return;
    }
    if (kind === "node-stays-off") {
      this.#programs.releaseAllOn(node);
      this.#context.say({ kind: "node-powered-off", node });
      return;
    }
    if (this.#nodes.isWaking(node)) {
      this.#comesAtMs.delete(node);
      this.#nodes.setPhase(node, "on", nowMs);
      this.#programs.runOn(node, nowMs);
    }
    this.#context.say({ kind: "node-ready", node });
  }

  /** It is to switch off again before it is up. */
  cancel(node: number, nowMs: number): void {
    this.#ask(node);
    this.#nodes.setPhase(node, "off", nowMs);
  }

  #ask(node: number): number {
    const ask = (this.#askCount.get(node) ?? 0) + 1;
    this.#askCount.set(node, ask);
    this.#comesAtMs.delete(node);
    return ask;
  }
}
