import type { Observation } from "@ertis/scheduler-engine";
import type { ClusterContext } from "./cluster-context.ts";
import type { NodeState } from "./node-table.ts";
import { forkStream } from "./random-stream.ts";
import { movedNode, type SiteMove } from "./site-move.ts";

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
  /** Report of the newest loss or power-off. */
  lossSequence: number;
  /** The first question since then; 0: not asked yet. */
  askSequence: number;
  reportedSequence: number;
}

/** Node failures, power-off and return: up → lost → off → asking → up. */
export class NodeLife {
  readonly #context: ClusterContext;
  readonly #tenants: NodeTenants;
  #troubles = new Map<number, Troubles>();

  constructor(context: ClusterContext, tenants: NodeTenants) {
    this.#context = context;
    this.#tenants = tenants;
  }

  begin(): void {
    if (this.#context.physics.nodeFailure.numerator > 0) {
      for (let node = 0; node < this.#context.nodes.count; node += 1) {
        this.#planFailure(node);
      }
    }
  }

  /** Nodes of an edited site. A new one is off, which nobody has to be told, until it is granted. */
  move(move: SiteMove): void {
    const before = this.#troubles;
    this.#troubles = new Map();
    for (const [from, troubles] of before) {
      const to = movedNode(move, from);
      if (to >= 0) {
        this.#troubles.set(to, troubles);
      }
    }
    for (const node of move.added) {
      this.#troublesOf(node);
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
    troubles.askSequence = 0;
    this.#askAt(node, this.#context.nowMs + stream.within(this.#context.physics.repairMs));
  }

  /**
   * A refusal is not sent, since the room for a node may come at any time: it stays off and repeats
   * the question with a growing wait until it is granted.
   */
  #ask(node: number): void {
    const troubles = this.#troublesOf(node);
    this.#context.nodes.setState(node, "asking", this.#context.nowMs);
    const sequence = this.#report(troubles, { kind: "node-ready", node });
    troubles.askSequence ||= sequence;
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

  /** Its idle watts are granted: the node asked for them, or was switched off to save and is woken. */
  grant(node: number): void {
    const state = this.#context.nodes.state(node);
    if (state === "off" && this.isLossAcknowledged(node)) {
      this.#comeUp(node);
    } else if (state === "asking") {
      // Only who took in the question, and all before it, can have granted it. Reported again, the
      // loss would end what is placed on the node from now on.
      this.#context.outbox.acknowledge(this.#troublesOf(node).askSequence);
      this.#comeUp(node);
    }
  }

  /**
   * A complete wish: nodes without granted watts go off, granted ones come up. One whose loss the
   * scheduler has yet to take in stays as it is, because the wish may not know of the loss.
   */
  match(granted: ReadonlySet<number>, askedOff: ReadonlySet<number>): void {
    for (let node = 0; node < this.#context.nodes.count; node += 1) {
      const state = this.#context.nodes.state(node);
      if (state === "up" && !granted.has(node) && !askedOff.has(node)) {
        this.#powerOff(node);
      } else if ((state === "asking" || state === "off") && granted.has(node)) {
        if (this.isLossAcknowledged(node)) {
          this.#comeUp(node);
        }
      }
    }
  }

  #comeUp(node: number): void {
    const troubles = this.#troublesOf(node);
    troubles.asksAtMs = undefined;
    troubles.askCount = 0;
    troubles.askSequence = 0;
    this.#context.nodes.setState(node, "up", this.#context.nowMs);
    // Who woke it counts on it no longer than it takes to say so.
    this.#context.outbox.add(this.#context.nowMs, { kind: "node-ready", node });
    this.#planFailure(node);
  }

  /** The scheduler has taken in that the node is lost or off, so it should place nothing there. */
  isLossAcknowledged(node: number): boolean {
    const troubles = this.#troubles.get(node);
    return troubles !== undefined && troubles.lossSequence <= this.#context.outbox.acknowledged;
  }

  statesNotUp(): readonly { readonly node: number; readonly state: NodeState }[] {
    const found: { node: number; state: NodeState }[] = [];
    for (let node = 0; node < this.#context.nodes.count; node += 1) {
      const state = this.#context.nodes.state(node);
      if (state !== "up") {
        found.push({ node, state });
      }
    }
    return found;
  }

  reportAgain(): void {
    for (const { node, state } of this.statesNotUp()) {
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
      askSequence: 0,
      reportedSequence: 0,
    };
    this.#troubles.set(node, fresh);
    return fresh;
  }
}
