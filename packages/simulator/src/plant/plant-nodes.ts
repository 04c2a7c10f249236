import { toNumber } from "@ertis/quantities";
import type { NodeClass, Site } from "@ertis/site-model";
import type { PlantAttempt } from "./plant-attempt.ts";
import type { PlantPower } from "./plant-power.ts";

/** `failed`: dead, whatever anyone believes. `waking`: it may draw, and does not come up. */
type NodePhase = "on" | "failed" | "off" | "waking";

/** Which nodes live, and what runs on them. */
export class PlantNodes {
  readonly #site: Site;
  readonly #power: PlantPower;
  readonly #phase: NodePhase[];
  readonly #on: ReadonlySet<PlantAttempt>[];

  constructor(site: Site, power: PlantPower, startMs: number) {
    this.#site = site;
    this.#power = power;
    this.#phase = site.nodes.map(() => "on");
    this.#on = site.nodes.map(() => new Set());
    for (const { index } of site.nodes) {
      this.draw(index, startMs);
    }
  }

  isOn(node: number): boolean {
    return this.#phase[node] === "on";
  }

  hasFailed(node: number): boolean {
    return this.#phase[node] === "failed";
  }

  isWaking(node: number): boolean {
    return this.#phase[node] === "waking";
  }

  areOn(nodes: readonly number[]): boolean {
    return nodes.every((node) => this.isOn(node));
  }

  /** Those that live. */
  alive(nodes: readonly number[]): readonly number[] {
    return this.areOn(nodes) ? nodes : nodes.filter((node) => this.isOn(node));
  }

  /** Those that can say that nothing is left on them: where nothing came up, nothing is. */
  lettingGo(nodes: readonly number[]): readonly number[] {
    return this.areOn(nodes)
      ? nodes
      : nodes.filter((node) => this.isOn(node) || this.isWaking(node));
  }

  /** It was taken for on, and is not up. */
  isUnwoken(node: number): boolean {
    return !this.isOn(node) && !this.hasFailed(node);
  }

  attemptsOn(node: number): Iterable<PlantAttempt> {
    return this.#on[node] ?? [];
  }

  isIdle(node: number): boolean {
    return (this.#on[node]?.size ?? 0) === 0;
  }

  setPhase(node: number, phase: NodePhase, nowMs: number): void {
    this.#phase[node] = phase;
    this.draw(node, nowMs);
  }

  put(attempt: PlantAttempt): void {
    for (const node of attempt.nodes) {
      this.#on[node] = new Set([...(this.#on[node] ?? []), attempt]);
    }
  }

  /** Nothing of the attempt is left on these nodes. */
  clear(attempt: PlantAttempt, nodes: readonly number[]): void {
    const gone = new Set(nodes);
    attempt.held = attempt.held.filter((node) => !gone.has(node));
    for (const node of nodes) {
      this.#on[node] = new Set([...(this.#on[node] ?? [])].filter((one) => one !== attempt));
    }
  }

  classOf(node: number): NodeClass | undefined {
    return this.#site.nodeClasses[this.#site.nodes[node]?.classIndex ?? -1];
  }

  /** Brings what a node draws up to date. */
  draw(node: number, nowMs: number): void {
    const nodeClass = this.classOf(node);
    if (!this.isOn(node) || nodeClass === undefined) {
      this.#power.setNode(node, 0, nowMs);
      return;
    }
    let watts = toNumber(nodeClass.idleWatts);
    for (const attempt of this.attemptsOn(node)) {
      watts += attempt.drawNodeWatts;
    }
    this.#power.setNode(node, watts, nowMs);
  }
}
