import { type Lifting, withLifting } from "../power/what-if/lifting.ts";
import type { Attempt } from "../state/job.ts";
import type { Pool } from "../state/site-state.ts";
import { NodeCosts } from "./node-costs.ts";
import { isTaking, type Wanted } from "./room.ts";
import { availableNodes } from "../power/free-counts.ts";
import { findNodes } from "./search.ts";
import type { Rules, Victim } from "./victims.ts";

/** Whom to stop, and where the gang then goes. */
export interface Sacrifice {
  readonly pool: Pool;
  readonly nodes: readonly number[];
  readonly victims: readonly Victim[];
  readonly lossGpuMs: number;
}

/** Victims beyond those that free enough GPUs, for their watts. */
const forWattsMax = 256;

/** Up to so many victims a second way is tried: all stop, and the dearest are spared first. */
const allTriedMax = 64;

/**
 * A small loss of work that makes room for a gang, or undefined. Node by node, the cheapest to free
 * first, counting that a gang that is stopped anyway frees all its nodes; then more, where watts are
 * short; then whoever turns out not to be needed is spared, the dearest first. Not always the
 * smallest loss, never one from which a victim could be spared. State is as before on return.
 *
 * @param rules makes a fresh count of what is taken from whom
 */
export function chooseVictims(
  wanted: Wanted,
  victims: readonly Victim[],
  rules: () => Rules,
): Sacrifice | undefined {
  if (!mayFreeEnough(wanted, victims)) {
    return undefined;
  }
  const byNodes = sacrifice(wanted, victims, rules(), (draft) => draft.freeGpus());
  if (byNodes === undefined || victims.length > allTriedMax) {
    return byNodes;
  }
  const byAll = sacrifice(wanted, victims, rules(), (draft) => {
    while (draft.stopCheapest()) {
      // Everybody who may be stopped.
    }
    return true;
  });
  return byAll !== undefined && byAll.lossGpuMs < byNodes.lossGpuMs ? byAll : byNodes;
}

/** False when too few nodes would have their GPUs free though everybody stopped. */
function mayFreeEnough(wanted: Wanted, victims: readonly Victim[]): boolean {
  const { gpusPerNode, pool } = wanted;
  const missing = missingNodes(wanted);
  const freeThen = new Map<number, number>();
  let freedCount = 0;
  for (const { attempt } of missing > 0 ? victims : []) {
    for (const node of attempt.heldNodes) {
      const free = pool.site.countedFree[node] ?? -1;
      if (free >= 0 && free < gpusPerNode && isTaking(wanted, node, free)) {
        const before = freeThen.get(node) ?? free;
        const after = before + attempt.gpusPerNode;
        freeThen.set(node, after);
        freedCount += before < gpusPerNode && after >= gpusPerNode ? 1 : 0;
      }
    }
  }
  return freedCount >= missing;
}

/** So many nodes are short of GPUs. */
function missingNodes(wanted: Wanted): number {
  return wanted.nodeCount - availableNodes(wanted, 0);
}

function sacrifice(
  wanted: Wanted,
  victims: readonly Victim[],
  rules: Rules,
  begin: (draft: Draft) => boolean,
): Sacrifice | undefined {
  return withLifting(wanted.pool.site, (lifting) => {
    const draft = new Draft({ wanted, victims, rules, lifting });
    if (!begin(draft)) {
      return undefined;
    }
    let nodes = findNodes(wanted);
    for (let tried = 0; nodes === undefined && tried < forWattsMax; tried += 1) {
      if (!draft.stopCheapest()) {
        return undefined;
      }
      nodes = findNodes(wanted);
    }
    return nodes === undefined ? undefined : draft.spare(nodes);
  });
}

class Draft {
  readonly #wanted: Wanted;
  readonly #rules: Rules;
  readonly #victims: readonly Victim[];
  /** Undefined: nobody has asked for it yet. */
  #byAttempt: ReadonlyMap<Attempt, Victim> | undefined;
  readonly #chosen = new Set<Victim>();
  readonly #lifting: Lifting;

  constructor({
    wanted,
    victims,
    rules,
    lifting,
  }: {
    readonly wanted: Wanted;
    readonly victims: readonly Victim[];
    readonly rules: Rules;
    readonly lifting: Lifting;
  }) {
    this.#wanted = wanted;
    this.#victims = victims;
    this.#rules = rules;
    this.#lifting = lifting;
  }

  /** Frees enough GPUs on enough nodes, if victims are enough for that. */
  freeGpus(): boolean {
    if (missingNodes(this.#wanted) <= 0) {
      return true;
    }
    const costs = this.#costsOfNodes();
    for (let freed = 0; freed < this.#wanted.nodeCount; freed += 1) {
      const node = costs.take();
      if (node === undefined) {
        return false;
      }
      for (const victim of this.#blockers(node) ?? []) {
        if (!this.#stop(victim)) {
          // Its account would lose what it is guaranteed: the node stays as it is.
          freed -= 1;
          break;
        }
        for (const other of victim.attempt.heldNodes) {
          if (costs.costOf(other) !== undefined) {
            costs.set(other, this.#costOf(other));
          }
        }
      }
    }
    return true;
  }

  /** Nodes of victims are worth a closer look; of the others those that are free cost nothing. */
  #costsOfNodes(): NodeCosts {
    const { pool, gpusPerNode } = this.#wanted;
    const { countedFree } = pool.site;
    const costs = new NodeCosts(countedFree.length, (node) => {
      const free = countedFree[node] ?? -1;
      return free >= gpusPerNode && isTaking(this.#wanted, node, free);
    });
    for (const { attempt } of this.#victims) {
      for (const node of attempt.heldNodes) {
        const free = countedFree[node] ?? -1;
        if (costs.costOf(node) === undefined && free >= 0 && isTaking(this.#wanted, node, free)) {
          costs.set(node, free >= gpusPerNode ? 0 : this.#costOf(node));
        }
      }
    }
    return costs;
  }

  /** Stops one more, the cheapest for its GPUs. */
  stopCheapest(): boolean {
    return this.#victims.some((victim) => !this.#chosen.has(victim) && this.#stop(victim));
  }

  /** Puts back whom the gang does not need, the dearest first. */
  spare(found: readonly number[]): Sacrifice {
    let nodes = found;
    const dearestFirst = [...this.#chosen].toSorted(
      (a, b) => b.lossGpuMs - a.lossGpuMs || a.job.number - b.job.number,
    );
    for (const victim of dearestFirst) {
      this.#lifting.putBack(victim.attempt);
      const without = findNodes(this.#wanted);
      if (without === undefined) {
        this.#lifting.lift(victim.attempt);
      } else {
        nodes = without;
        this.#chosen.delete(victim);
      }
    }
    const victims = [...this.#chosen];
    const lossGpuMs = victims.reduce((sum, victim) => sum + victim.lossGpuMs, 0);
    return { pool: this.#wanted.pool, nodes, victims, lossGpuMs };
  }

  #stop(victim: Victim): boolean {
    if (!this.#rules.mayStop(victim, victim.holding)) {
      return false;
    }
    this.#rules.take(victim, victim.holding);
    this.#chosen.add(victim);
    this.#lifting.lift(victim.attempt);
    return true;
  }

  #costOf(node: number): number {
    return this.#blockers(node)?.reduce((sum, victim) => sum + victim.lossGpuMs, 0) ?? Infinity;
  }

  /** The cheapest who have to go from a node so that it has the GPUs free; undefined: not enough may. */
  #blockers(node: number): readonly Victim[] | undefined {
    const { pool, gpusPerNode } = this.#wanted;
    const { site } = pool;
    let free = (site.nodeGpuCount[node] ?? 0) - (site.gpusHeld[node] ?? 0);
    const byAttempt = (this.#byAttempt ??= new Map(
      this.#victims.map((victim) => [victim.attempt, victim]),
    ));
    const there = (site.attemptsOnNode[node] ?? [])
      .map((attempt) => byAttempt.get(attempt))
      .filter((victim) => victim !== undefined)
      .toSorted((a, b) => a.lossGpuMs - b.lossGpuMs || b.job.number - a.job.number);
    const blockers: Victim[] = [];
    for (const victim of there) {
      if (free >= gpusPerNode) {
        break;
      }
      blockers.push(victim);
      free += victim.attempt.gpusPerNode;
    }
    return free >= gpusPerNode ? blockers : undefined;
  }
}
