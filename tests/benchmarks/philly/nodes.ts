import { gpusPerNode, idleNodeWatts, nodeCount } from "./plant.ts";

/** Free GPUs of every node. Nodes without a job are switched off at once, for everyone. */
export class Nodes {
  readonly #free: Uint8Array = new Uint8Array(nodeCount).fill(gpusPerNode);
  /** How many nodes have so many GPUs free. */
  readonly #countByFree: Uint16Array = new Uint16Array(gpusPerNode + 1);

  constructor() {
    this.#countByFree[gpusPerNode] = nodeCount;
  }

  /** Watts of the nodes that are on. */
  get idleWatts(): number {
    return (nodeCount - (this.#countByFree[gpusPerNode] ?? 0)) * idleNodeWatts;
  }

  /** Nodes with at least so many GPUs free. */
  countWith(gpus: number): number {
    let count = 0;
    for (let free = gpus; free <= gpusPerNode; free += 1) {
      count += this.#countByFree[free] ?? 0;
    }
    return count;
  }

  /** How many nodes a gang would have to switch on. */
  nodesToWake(nodes: number, gpus: number): number {
    let onCount = 0;
    for (let free = gpus; free < gpusPerNode; free += 1) {
      onCount += this.#countByFree[free] ?? 0;
    }
    return Math.max(0, nodes - onCount);
  }

  /** The fullest nodes that hold the gang; undefined when there are too few. `isKept`: not to be used. */
  find(nodes: number, gpus: number, isKept?: (node: number) => boolean): number[] | undefined {
    const found: number[] = [];
    for (let free = gpus; free <= gpusPerNode && found.length < nodes; free += 1) {
      if ((this.#countByFree[free] ?? 0) === 0) {
        continue;
      }
      for (let node = 0; node < nodeCount && found.length < nodes; node += 1) {
        if (this.#free[node] === free && isKept?.(node) !== true) {
          found.push(node);
        }
      }
    }
    return found.length === nodes ? found : undefined;
  }

  freeOf(node: number): number {
    return this.#free[node] ?? 0;
  }

  take(nodes: readonly number[], gpus: number): void {
    this.#change(nodes, -gpus);
  }

  giveBack(nodes: readonly number[], gpus: number): void {
    this.#change(nodes, gpus);
  }

  #change(nodes: readonly number[], gpus: number): void {
    for (const node of nodes) {
      const before = this.#free[node] ?? 0;
      const after = before + gpus;
      if (after < 0 || after > gpusPerNode) {
        throw new Error(`node ${node} has ${before} GPUs free, ${-gpus} are asked for`);
      }
      this.#free[node] = after;
      this.#countByFree[before] = (this.#countByFree[before] ?? 0) - 1;
      this.#countByFree[after] = (this.#countByFree[after] ?? 0) + 1;
    }
  }
}
