import type { Observation } from "@ertis/scheduler-engine";
import type { NodeState, NodeTable } from "./node-table.ts";
import type { Physics } from "./physics.ts";
import { forkStream } from "./random-stream.ts";

export type NodeHappening = "node-fails" | "node-powers-off" | "node-asks";

/** What the cluster does for its nodes. */
export interface NodeSurroundings {
  schedule(kind: NodeHappening, node: number, atMs: number): void;
  report(observation: Observation): number;
  acknowledged(): number;
  /** The node does not answer any more: its attempts have failed. */
  nodeFailed(node: number): void;
  /** The node is off: whatever it held is released. */
  nodePoweredOff(node: number): void;
}

interface Troubles {
  /** How often the node failed so far: names the streams of its next failure. */
  failureCount: number;
  failsAtMs: number | undefined;
  powersOffAtMs: number | undefined;
  asksAtMs: number | undefined;
  askCount: number;
  lossSequence: number;
  reportedSequence: number;
}

/** Node failures, power-off and return: up → lost → off → asking → up. */
export class NodeLife {
  readonly #seed: number;
  readonly #physics: Physics;
  readonly #nodes: NodeTable;
  readonly #around: NodeSurroundings;
  readonly #troubles = new Map<number, Troubles>();

  constructor(seed: number, physics: Physics, nodes: NodeTable, around: NodeSurroundings) {
    this.#seed = seed;
    this.#physics = physics;
    this.#nodes = nodes;
    this.#around = around;
  }

  begin(nodeCount: number, nowMs: number): void {
    if (this.#physics.nodeFailure.numerator > 0) {
      for (let node = 0; node < nodeCount; node += 1) {
        this.#planFailure(node, nowMs);
      }
    }
  }

  /**
   * Times between failures are drawn evenly from 0 to twice the mean: the rate is right, and it
   * takes one draw, where asking each hour would take as many as the node lives hours.
   */
  #planFailure(node: number, nowMs: number): void {
    const { numerator, denominator } = this.#physics.nodeFailure;
    if (numerator === 0) {
      return;
    }
    const troubles = this.#troublesOf(node);
    const spanMs = Math.floor((2 * 3_600_000 * denominator) / numerator);
    const stream = forkStream(this.#seed, "node-failure", node, troubles.failureCount);
    troubles.failsAtMs = nowMs + 1 + stream.below(Math.max(1, spanMs));
    this.#around.schedule("node-fails", node, troubles.failsAtMs);
  }

  isStillDue(kind: NodeHappening, node: number, atMs: number): boolean {
    const troubles = this.#troubles.get(node);
    switch (kind) {
      case "node-fails":
        return troubles?.failsAtMs === atMs;
      case "node-powers-off":
        return troubles?.powersOffAtMs === atMs;
      case "node-asks":
        return troubles?.asksAtMs === atMs;
    }
  }

  happen(kind: NodeHappening, node: number, nowMs: number): void {
    switch (kind) {
      case "node-fails":
        this.#fail(node, nowMs);
        return;
      case "node-powers-off":
        this.#powerOff(node, nowMs);
        return;
      case "node-asks":
        this.#ask(node, nowMs);
    }
  }

  #fail(node: number, nowMs: number): void {
    const troubles = this.#troublesOf(node);
    troubles.failsAtMs = undefined;
    troubles.failureCount += 1;
    this.#nodes.setState(node, "lost", nowMs);
    troubles.lossSequence = this.#report(troubles, { kind: "node-lost", node });
    this.#around.nodeFailed(node);
    const stream = forkStream(this.#seed, "node-fence", node, troubles.failureCount);
    this.#powerOffAt(node, nowMs + stream.within(this.#physics.fenceAfterMs));
  }

  /** Wished by the scheduler: sooner than the cluster's own fencing. Repeated: confirmed again. */
  askPowerOff(node: number, nowMs: number): void {
    if (!this.#nodes.has(node)) {
      return;
    }
    const troubles = this.#troublesOf(node);
    const state = this.#nodes.state(node);
    if (state === "off" || state === "asking") {
      if (troubles.reportedSequence <= this.#around.acknowledged()) {
        this.#report(troubles, { kind: "node-powered-off", node });
      }
      return;
    }
    const stream = forkStream(this.#seed, "power-off", node, troubles.failureCount);
    const atMs = nowMs + stream.within(this.#physics.powerOffMs);
    if (troubles.powersOffAtMs === undefined || atMs < troubles.powersOffAtMs) {
      this.#powerOffAt(node, atMs);
    }
  }

  #powerOffAt(node: number, atMs: number): void {
    this.#troublesOf(node).powersOffAtMs = atMs;
    this.#around.schedule("node-powers-off", node, atMs);
  }

  #powerOff(node: number, nowMs: number): void {
    const troubles = this.#troublesOf(node);
    troubles.powersOffAtMs = undefined;
    troubles.failsAtMs = undefined;
    // Off first: what then exits on this node has nothing left there to wait for.
    this.#nodes.setState(node, "off", nowMs);
    this.#around.nodePoweredOff(node);
    troubles.lossSequence = this.#report(troubles, { kind: "node-powered-off", node });
    const stream = forkStream(this.#seed, "repair", node, troubles.failureCount);
    troubles.askCount = 0;
    this.#askAt(node, nowMs + stream.within(this.#physics.repairMs));
  }

  /**
   * Nothing tells a node that its return was granted or refused, so it repeats the question with a
   * growing wait until work arrives; the scheduler ignores it for a node that is already back.
   */
  #ask(node: number, nowMs: number): void {
    const troubles = this.#troublesOf(node);
    this.#nodes.setState(node, "asking", nowMs);
    this.#report(troubles, { kind: "node-ready", node });
    troubles.asksAtMs = undefined;
    if (troubles.askCount < this.#physics.readyRepeatsMax) {
      const { min, max } = this.#physics.readyRepeatMs;
      this.#askAt(
        node,
        nowMs + Math.min(max, Math.max(1, min) * 2 ** Math.min(20, troubles.askCount)),
      );
      troubles.askCount += 1;
    }
  }

  #askAt(node: number, atMs: number): void {
    this.#troublesOf(node).asksAtMs = atMs;
    this.#around.schedule("node-asks", node, atMs);
  }

  /** Work was placed on the node: if it had asked to come back, that was granted. */
  work(node: number, nowMs: number): void {
    if (this.#nodes.state(node) === "asking") {
      const troubles = this.#troublesOf(node);
      troubles.asksAtMs = undefined;
      this.#nodes.setState(node, "up", nowMs);
      this.#planFailure(node, nowMs);
    }
  }

  /** The scheduler has taken in that the node is lost or off, so it should place nothing there. */
  isLossAcknowledged(node: number): boolean {
    const troubles = this.#troubles.get(node);
    return troubles !== undefined && troubles.lossSequence <= this.#around.acknowledged();
  }

  statesNotUp(nodeCount: number): readonly { readonly node: number; readonly state: NodeState }[] {
    const found: { node: number; state: NodeState }[] = [];
    for (let node = 0; node < nodeCount; node += 1) {
      const state = this.#nodes.state(node);
      if (state !== "up") {
        found.push({ node, state });
      }
    }
    return found;
  }

  reportAgain(nodeCount: number, nowMs: number): void {
    for (const { node, state } of this.statesNotUp(nodeCount)) {
      const troubles = this.#troublesOf(node);
      if (state === "asking") {
        // A fresh round of questions. That it is off was reported before, and must not be said
        // again: its return may have been granted since.
        troubles.askCount = 0;
        this.#askAt(node, nowMs);
      } else if (troubles.reportedSequence <= this.#around.acknowledged()) {
        this.#report(troubles, {
          kind: state === "lost" ? "node-lost" : "node-powered-off",
          node,
        });
      }
    }
  }

  #report(troubles: Troubles, observation: Observation): number {
    troubles.reportedSequence = this.#around.report(observation);
    return troubles.reportedSequence;
  }

  #troublesOf(node: number): Troubles {
    const known = this.#troubles.get(node);
    if (known !== undefined) {
      return known;
    }
    const fresh: Troubles = {
      failureCount: 0,
      failsAtMs: undefined,
      powersOffAtMs: undefined,
      asksAtMs: undefined,
      askCount: 0,
      lossSequence: 0,
      reportedSequence: 0,
    };
    this.#troubles.set(node, fresh);
    return fresh;
  }
}
