/** Binary heap over a total order. The order must not end in a tie, or results would depend on luck. */
export class Heap<T extends object> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  /** In heap order, not sorted. */
  items(): readonly T[] {
    return this.#items;
  }

  push(item: T): void {
    const items = this.#items;
    let hole = items.length;
    items.push(item);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = items[parent];
      if (above === undefined || !this.#isBefore(item, above)) {
        break;
      }
      items[hole] = above;
      hole = parent;
    }
    items[hole] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last !== undefined && items.length > 0) {
      this.#sink(last);
    }
    return first;
  }

  #sink(item: T): void {
    const items = this.#items;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      let below = items[child];
      const other = items[child + 1];
      if (below === undefined) {
        break;
      }
      if (other !== undefined && this.#isBefore(other, below)) {
        child += 1;
        below = other;
      }
      if (!this.#isBefore(below, item)) {
        break;
      }
      items[hole] = below;
      hole = child;
    }
    items[hole] = item;
  }
}
