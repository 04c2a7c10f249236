import type { Observation } from "@ertis/scheduler-engine";
import type { ClusterContext } from "./cluster-context.ts";
import type { NodeState } from "./node-table.ts";
import { forkStream } from "./random-stream.ts";

export type NodeHappening = "node-fails" | "node-powers-off" | "node-asks";

/** Who suffers when a node does. */
export interface NodeTenants {
  /** The node does not answer any more: its attempts have failed. */
  failAttemptsOn(node: number): void;
  /** The node is off: whatever it held is released. */
  releaseAllOn(node: number): void;
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
  readonly #context: ClusterContext;
  readonly #tenants: NodeTenants;
  readonly #troubles = new Map<number, Troubles>();

  constructor(context: ClusterContext, tenants: NodeTenants) {
    this.#context = context;
    this.#tenants = tenants;
  }

  begin(nodeCount: number): void {
    if (this.#context.physics.nodeFailure.numerator > 0) {
      for (let node = 0; node < nodeCount; node += 1) {
        this.#planFailure(node);
      }
    }
  }

  /**
   * Times between failures are drawn evenly from 0 to twice the mean: the rate is right, and it
   * takes one draw, where asking each hour would take as many as the node lives hours.
   */
  #planFailure(node: number): void {
    const { numerator, denominator } = this.#context.physics.nodeFailure;
    if (numerator === 0) {
      return;
    }
    const troubles = this.#troublesOf(node);
    const spanMs = Math.floor((2 * 3_600_000 * denominator) / numerator);
    const stream = forkStream(this.#context.seed, "node-failure", node, troubles.failureCount);
    troubles.failsAtMs = this.#context.nowMs + 1 + stream.below(Math.max(1, spanMs));
    this.#schedule("node-fails", node, troubles.failsAtMs);
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

  happen(kind: NodeHappening, node: number): void {
    switch (kind) {
      case "node-fails":
        this.#fail(node);
        return;
      case "node-powers-off":
        this.#powerOff(node);
        return;
      case "node-asks":
        this.#ask(node);
    }
  }

  #fail(node: number): void {
    const troubles = this.#troublesOf(node);
    troubles.failsAtMs = undefined;
    troubles.failureCount += 1;
    this.#context.nodes.setState(node, "lost", this.#context.nowMs);
    troubles.lossSequence = this.#report(troubles, { kind: "node-lost", node });
    this.#tenants.failAttemptsOn(node);
    const stream = forkStream(this.#context.seed, "node-fence", node, troubles.failureCount);
    this.#powerOffAt(node, this.#context.nowMs + stream.within(this.#context.physics.fenceAfterMs));
  }

  /** Wished by the scheduler: sooner than the cluster's own fencing. Repeated: confirmed again. */
  askPowerOff(node: number): void {
    if (!this.#context.nodes.has(node)) {
      return;
    }
    const troubles = this.#troublesOf(node);
    const state = this.#context.nodes.state(node);
    if (state === "off" || state === "asking") {
      if (troubles.reportedSequence <= this.#context.outbox.acknowledged) {
        this.#report(troubles, { kind: "node-powered-off", node });
      }
      return;
    }
    const stream = forkStream(this.#context.seed, "power-off", node, troubles.failureCount);
    const atMs = this.#context.nowMs + stream.within(this.#context.physics.powerOffMs);
    if (troubles.powersOffAtMs === undefined || atMs < troubles.powersOffAtMs) {
      this.#powerOffAt(node, atMs);
    }
  }

  #powerOffAt(node: number, atMs: number): void {
    this.#troublesOf(node).powersOffAtMs = atMs;
    this.#schedule("node-powers-off", node, atMs);
  }

  #powerOff(node: number): void {
    const troubles = this.#troublesOf(node);
    troubles.powersOffAtMs = undefined;
    troubles.failsAtMs = undefined;
    // Off first: what then exits on this node has nothing left there to wait for.
    this.#context.nodes.setState(node, "off", this.#context.nowMs);
    this.#tenants.releaseAllOn(node);
    troubles.lossSequence = this.#report(troubles, { kind: "node-powered-off", node });
    const stream = forkStream(this.#context.seed, "repair", node, troubles.failureCount);
    troubles.askCount = 0;
    this.#askAt(node, this.#context.nowMs + stream.within(this.#context.physics.repairMs));
  }

  /**
   * Nothing tells a node that its return was granted or refused, so it repeats the question with a
   * growing wait until work arrives; the scheduler ignores it for a node that is already back.
   */
  #ask(node: number): void {
    const troubles = this.#troublesOf(node);
    this.#context.nodes.setState(node, "asking", this.#context.nowMs);
    this.#report(troubles, { kind: "node-ready", node });
    troubles.asksAtMs = undefined;
    if (troubles.askCount < this.#context.physics.readyRepeatsMax) {
      const { min, max } = this.#context.physics.readyRepeatMs;
      this.#askAt(
        node,
        this.#context.nowMs +
          Math.min(max, Math.max(1, min) * 2 ** Math.min(20, troubles.askCount)),
      );
      troubles.askCount += 1;
    }
  }

  #askAt(node: number, atMs: number): void {
    this.#troublesOf(node).asksAtMs = atMs;
    this.#schedule("node-asks", node, atMs);
  }

  /** Work was placed on the node: if it had asked to come back, that was granted. */
  work(node: number): void {
    if (this.#context.nodes.state(node) === "asking") {
      const troubles = this.#troublesOf(node);
      troubles.asksAtMs = undefined;
      this.#context.nodes.setState(node, "up", this.#context.nowMs);
      this.#planFailure(node);
    }
  }

  /** The scheduler has taken in that the node is lost or off, so it should place nothing there. */
  isLossAcknowledged(node: number): boolean {
    const troubles = this.#troubles.get(node);
    return troubles !== undefined && troubles.lossSequence <= this.#context.outbox.acknowledged;
  }

  statesNotUp(nodeCount: number): readonly { readonly node: number; readonly state: NodeState }[] {
    const found: { node: number; state: NodeState }[] = [];
    for (let node = 0; node < nodeCount; node += 1) {
      const state = this.#context.nodes.state(node);
      if (state !== "up") {
        found.push({ node, state });
      }
    }
    return found;
  }

  reportAgain(nodeCount: number): void {
    for (const { node, state } of this.statesNotUp(nodeCount)) {
      const troubles = this.#troublesOf(node);
      if (state === "asking") {
        // A fresh round of questions. That it is off was reported before, and must not be said
        // again: its return may have been granted since.
        troubles.askCount = 0;
        this.#askAt(node, this.#context.nowMs);
      } else if (troubles.reportedSequence <= this.#context.outbox.acknowledged) {
        this.#report(troubles, {
          kind: state === "lost" ? "node-lost" : "node-powered-off",
          node,
        });
      }
    }
  }

  #report(troubles: Troubles, observation: Observation): number {
    troubles.reportedSequence = this.#context.outbox.add(this.#context.nowMs, observation);
    return troubles.reportedSequence;
  }

  #schedule(kind: NodeHappening, node: number, atMs: number): void {
    this.#context.heap.push({ kind, node, atMs, job: -1, task: -1, attempt: -1 });
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
