import { toNumber } from "@ertis/quantities";
import type { NodeClass } from "@ertis/site-model";
import type { ClusterSite } from "./cluster-site.ts";
import type { SiteMove } from "./site-move.ts";
import type { Tenancy } from "./tenancy.ts";
import {
  allowanceOf,
  type Allowance,
  type DrawNoise,
  millijoulesOf,
  wattsAt,
} from "./tenancy-draw.ts";

/**
 * `lost`: does not answer, and may draw power. `off`: draws nothing. `asking`: off, and asked to
 * come back, which has not been granted.
 */
export type NodeState = "up" | "lost" | "off" | "asking";

/** Nodes, what runs on them and what they draw. All watts are whole; energy is exact millijoules. */
export class NodeTable {
  #site: ClusterSite;
  readonly #noise: DrawNoise;
  #states: NodeState[];
  #tenants: Tenancy[][];
  #idleWattsOn = 0;
  #idleSettledMs: number;
  #settledMillijoules = 0n;
  /** Of each node, since the meters were read. */
  #meteredMillijoules: Float64Array;
  /** Its idle draw is metered up to here. */
  #idleMeteredMs: Float64Array;

  constructor(site: ClusterSite, startMs: number, noise: DrawNoise) {
    this.#site = site;
    this.#noise = noise;
    this.#states = site.nodes.map(() => "up");
    this.#tenants = site.nodes.map(() => []);
    this.#idleSettledMs = startMs;
    this.#meteredMillijoules = new Float64Array(site.nodes.length);
    this.#idleMeteredMs = new Float64Array(site.nodes.length).fill(startMs);
    for (let node = 0; node < site.nodes.length; node += 1) {
      this.#idleWattsOn += this.idleWatts(node);
    }
  }

  /** Nodes take along their state and what they hold; new ones are off, those that go drew until now. */
  move({ after, positions }: SiteMove, nowMs: number): void {
    this.#settleIdle(nowMs);
    const states = after.nodes.map((): NodeState => "off");
    const tenants = after.nodes.map((): Tenancy[] => []);
    const metered = new Float64Array(after.nodes.length);
    for (const [from, to] of positions.entries()) {
      // Settled by the old figures: those of its class may change.
      this.#settleNode(from, nowMs);
      this.#meterIdle(from, nowMs);
      if (to >= 0) {
        metered[to] = this.#meteredMillijoules[from] ?? 0;
        states[to] = this.state(from);
        tenants[to] = [...this.tenants(from)];
      }
    }
    this.#site = after;
    this.#states = states;
    this.#tenants = tenants;
    this.#meteredMillijoules = metered;
    this.#idleMeteredMs = new Float64Array(after.nodes.length).fill(nowMs);
    this.#idleWattsOn = 0;
    for (let node = 0; node < states.length; node += 1) {
      this.#idleWattsOn += this.#isOn(node) ? this.idleWatts(node) : 0;
    }
  }

  get site(): ClusterSite {
    return this.#site;
  }

  get count(): number {
    return this.#states.length;
  }

  /** @throws RangeError for a node the site does not have: callers check wishes before. */
  classOf(node: number): NodeClass {
    const nodeClass = this.#site.nodeClasses[this.#site.nodes[node]?.classIndex ?? -1];
    if (nodeClass === undefined) {
      throw new RangeError(`site ${this.#site.id} has no node ${node}`);
    }
    return nodeClass;
  }

  has(node: number): boolean {
    return this.#states[node] !== undefined;
  }

  state(node: number): NodeState {
    return this.#states[node] ?? "off";
  }

  tenants(node: number): readonly Tenancy[] {
    return this.#tenants[node] ?? [];
  }

  idleWatts(node: number): number {
    return toNumber(this.classOf(node).idleWatts);
  }

  #isOn(node: number): boolean {
    const state = this.state(node);
    return state === "up" || state === "lost";
  }

  setState(node: number, state: NodeState, nowMs: number): void {
    this.#settleIdle(nowMs);
    this.#meterIdle(node, nowMs);
    const wasOn = this.#isOn(node);
    this.#states[node] = state;
    const change = Number(this.#isOn(node)) - Number(wasOn);
    this.#idleWattsOn += change * this.idleWatts(node);
  }

  #settleIdle(nowMs: number): void {
    if (nowMs > this.#idleSettledMs) {
      this.#settledMillijoules += BigInt(this.#idleWattsOn) * BigInt(nowMs - this.#idleSettledMs);
      this.#idleSettledMs = nowMs;
    }
  }

  #meterIdle(node: number, nowMs: number): void {
    const spanMs = nowMs - (this.#idleMeteredMs[node] ?? nowMs);
    this.#idleMeteredMs[node] = nowMs;
    if (spanMs > 0 && this.#isOn(node)) {
      const idle = this.idleWatts(node) * spanMs;
      this.#meteredMillijoules[node] = (this.#meteredMillijoules[node] ?? 0) + idle;
    }
  }

  /** What each node used since the last time, in millijoules; its tenants' parts begin anew as well. */
  readMeters(nowMs: number): {
    readonly nodes: Float64Array;
    readonly tenancies: ReadonlyMap<Tenancy, number>;
  } {
    const tenancies = new Map<Tenancy, number>();
    for (let node = 0; node < this.#states.length; node += 1) {
      this.#settleNode(node, nowMs);
      this.#meterIdle(node, nowMs);
      for (const tenancy of this.tenants(node)) {
        tenancies.set(tenancy, tenancy.meteredMillijoules);
        tenancy.meteredMillijoules = 0;
      }
    }
    const nodes = this.#meteredMillijoules;
    this.#meteredMillijoules = new Float64Array(nodes.length);
    return { nodes, tenancies };
  }

  add(tenancy: Tenancy): void {
    this.#settleNode(tenancy.node, tenancy.heldFromMs);
    this.#tenants[tenancy.node]?.push(tenancy);
  }

  startDrawing(tenancy: Tenancy, nowMs: number): void {
    this.#settleNode(tenancy.node, nowMs);
    tenancy.isDrawing = true;
  }

  release(tenancy: Tenancy, nowMs: number): void {
    this.#settleNode(tenancy.node, nowMs);
    tenancy.isDrawing = false;
    tenancy.releasedMs = nowMs;
    this.#tenants[tenancy.node] = this.tenants(tenancy.node).filter((other) => other !== tenancy);
  }

  /** Neighbours share a node's power where shares are not enforced, so they settle together. */
  #settleNode(node: number, nowMs: number): void {
    for (const tenancy of this.tenants(node)) {
      const metered = this.#unsettledMillijoules(tenancy, nowMs);
      const drawn = BigInt(metered);
      tenancy.settledMillijoules += drawn;
      tenancy.meteredMillijoules += metered;
      this.#settledMillijoules += drawn;
      this.#meteredMillijoules[node] = (this.#meteredMillijoules[node] ?? 0) + metered;
      tenancy.settledMs = nowMs;
    }
  }

  /** Its GPUs are held to another cap from now on. */
  setCap(tenancy: Tenancy, capWatts: number, nowMs: number): void {
    this.#settleNode(tenancy.node, nowMs);
    tenancy.capWatts = capWatts;
  }

  #unsettledMillijoules(tenancy: Tenancy, nowMs: number): number {
    return tenancy.isDrawing
      ? millijoulesOf(tenancy, this.allowanceOf(tenancy), this.#noise, nowMs)
      : 0;
  }

  allowanceOf(tenancy: Tenancy): Allowance {
    return allowanceOf(this.classOf(tenancy.node), tenancy, this.tenants(tenancy.node));
  }

  /** What the node draws at a moment at or after the last change. */
  drawWatts(node: number, nowMs: number): number {
    if (!this.#isOn(node)) {
      return 0;
    }
    let drawn = this.idleWatts(node);
    for (const tenancy of this.tenants(node)) {
      if (tenancy.isDrawing) {
        drawn += wattsAt(tenancy, this.allowanceOf(tenancy), this.#noise, nowMs);
      }
    }
    return drawn;
  }

  /** The most the node may draw while it holds what it holds: the rule of the site model's `partUse`. */
  boundWatts(node: number): number {
    if (!this.#isOn(node)) {
      return 0;
    }
    const nodeClass = this.classOf(node);
    const idleWatts = toNumber(nodeClass.idleWatts);
    const peakWatts = toNumber(nodeClass.peakWatts);
    let gpuCount = 0;
    for (const tenancy of this.tenants(node)) {
      gpuCount += tenancy.gpuCount;
    }
    if (gpuCount === 0) {
      return idleWatts;
    }
    return nodeClass.partUse === "peak"
      ? peakWatts
      : idleWatts + Math.floor(((peakWatts - idleWatts) * gpuCount) / nodeClass.gpuCount);
  }

  siteDrawWatts(nowMs: number): number {
    let drawn = 0;
    for (let node = 0; node < this.#states.length; node += 1) {
      drawn += this.drawWatts(node, nowMs);
    }
    return drawn;
  }

  /** Everything the nodes used since the start, idle draw included. */
  siteMillijoules(nowMs: number): bigint {
    const idleMs = Math.max(0, nowMs - this.#idleSettledMs);
    let total = this.#settledMillijoules + BigInt(this.#idleWattsOn) * BigInt(idleMs);
    for (const tenants of this.#tenants) {
      for (const tenancy of tenants) {
        total += BigInt(this.#unsettledMillijoules(tenancy, nowMs));
      }
    }
    return total;
  }

  /** Draw above idle, and the share of the node's idle draw that its GPUs stand for. */
  tenancyMillijoules(tenancy: Tenancy, nowMs: number): bigint {
    const nodeClass = this.classOf(tenancy.node);
    const heldMs = (tenancy.releasedMs ?? nowMs) - tenancy.heldFromMs;
    const idleShare =
      (BigInt(toNumber(nodeClass.idleWatts)) * BigInt(tenancy.gpuCount) * BigInt(heldMs)) /
      BigInt(nodeClass.gpuCount);
    return (
      tenancy.settledMillijoules + BigInt(this.#unsettledMillijoules(tenancy, nowMs)) + idleShare
    );
  }
}
