import type { Engine, Observation } from "@ertis/scheduler-engine";
import { instant } from "@ertis/quantities";
import type { NodeTraces } from "../b9/traces.ts";
import { highestCapWatts, idleWatts, nodeCount, startMs } from "./fleet.ts";

/** How long a node takes to hold a new cap; Infinity: never. */
type Lag = number;

const stepMs = 100;
/** What GPUs get of a node beside its idle draw. */
const gpusPerNode = 8;

export interface Played {
  /** From the command until the measured draw was at the target and stayed there. */
  readonly drawHeldMs: number;
  /** The same of the bounds that the engine counts. */
  readonly boundsHeldMs: number;
  readonly beforeWatts: number;
  readonly worstAfterWatts: number;
  readonly decisionsMs: readonly number[];
}

/** Nodes with measured draw, that hold caps after a while: the plant that the engine cannot see into. */
export class World {
  readonly #engine: Engine;
  readonly #traces: NodeTraces;
  readonly #lags: readonly Lag[];
  readonly #offsets: readonly number[];
  readonly #capWatts = new Float64Array(nodeCount).fill(highestCapWatts);
  readonly #due: { atMs: number; node: number; report: Observation; capWatts: number }[] = [];
  readonly #orders = new Map<string, number>();

  constructor(engine: Engine, traces: NodeTraces, random: () => number) {
    this.#engine = engine;
    this.#traces = traces;
    this.#lags = Array.from({ length: nodeCount }, () => {
      const roll = random();
      return roll < 0.99
        ? 200 + random() * 800
        : roll < 0.995
          ? 5_000 + random() * 25_000
          : Infinity;
    });
    this.#offsets = Array.from({ length: nodeCount }, () =>
      Math.floor(random() * traces.secondCount),
    );
  }

  /** Draw of all nodes at a moment after the start. */
  drawWatts(atMs: number): number {
    let sum = 0;
    for (let node = 0; node < nodeCount; node += 1) {
      const trace = this.#traces.nodes[node % this.#traces.nodes.length];
      const second =
        (Math.floor(atMs / 1_000) + (this.#offsets[node] ?? 0)) % this.#traces.secondCount;
      const wanted = Math.max(0, (trace?.[second] ?? 0) - idleWatts);
      const bound = gpusPerNode * this.#boundPerGpu(this.#capWatts[node] ?? 0);
      sum += idleWatts + Math.min(wanted, bound);
    }
    return sum;
  }

  /** The most a GPU adds to its node's idle draw under a cap. */
  #boundPerGpu(capWatts: number): number {
    const range = (this.#traces.peakWatts - idleWatts) / gpusPerNode;
    return range - (highestCapWatts - capWatts);
  }

  /** Lets nodes hear of new orders. */
  #listen(nowMs: number): void {
    for (const site of this.#engine.state.sites.values()) {
      for (const attempt of site.attempts) {
        const key = `${attempt.job} ${attempt.attempt}`;
        if (attempt.capOrder === (this.#orders.get(key) ?? 0)) {
          continue;
        }
        this.#orders.set(key, attempt.capOrder);
        const { job, task, attempt: count, capWatts, capOrder: order } = attempt;
        const name = { job, task, attempt: count };
        for (const node of attempt.heldNodes) {
          this.#due.push({
            atMs: nowMs + (this.#lags[node] ?? 0),
            node,
            capWatts: capWatts === 0 ? highestCapWatts : capWatts,
            report: { kind: "cap-applied", attempt: name, nodes: [node], capWatts, order },
          });
        }
      }
    }
  }

  play(targetWatts: number, untilMs: number): Played {
    const beforeWatts = this.drawWatts(0);
    const decisionsMs: number[] = [];
    let drawHeldMs = 0;
    let boundsHeldMs = 0;
    let worst = 0;
    this.#listen(0);
    for (let nowMs = stepMs; nowMs <= untilMs; nowMs += stepMs) {
      const reports = this.#arrived(nowMs);
      const began = performance.now();
      const at = instant(startMs + nowMs);
      if (reports.length > 0) {
        this.#engine.execute({ kind: "report", at, site: "hub", observations: reports });
      }
      if ((this.#engine.nextTickAtMs() ?? Infinity) <= startMs + nowMs) {
        this.#engine.execute({ kind: "tick", at });
      }
      decisionsMs.push(performance.now() - began);
      this.#listen(nowMs);
      const drawn = this.drawWatts(nowMs);
      if (drawn > targetWatts) {
        drawHeldMs = nowMs + stepMs;
      }
      if (nowMs > 5_000) {
        worst = Math.max(worst, drawn);
      }
      if (boundsOf(this.#engine) > targetWatts) {
        boundsHeldMs = nowMs + stepMs;
      }
    }
    return { drawHeldMs, boundsHeldMs, beforeWatts, worstAfterWatts: worst, decisionsMs };
  }

  #arrived(nowMs: number): readonly Observation[] {
    const reports: Observation[] = [];
    let kept = 0;
    for (const one of this.#due) {
      if (one.atMs <= nowMs) {
        this.#capWatts[one.node] = one.capWatts;
        reports.push(one.report);
      } else {
        this.#due[kept] = one;
        kept += 1;
      }
    }
    this.#due.length = kept;
    return reports;
  }
}

/** What the engine counts at the feed. */
export function boundsOf(engine: Engine): number {
  for (const site of engine.state.sites.values()) {
    return (site.horizons[0]?.load[0] ?? 0) / (site.site.domains[0]?.loadScale ?? 1);
  }
  return 0;
}
