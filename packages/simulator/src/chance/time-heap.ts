interface Item<T> {
  readonly atMs: number;
  /** Order of putting in: things of one moment happen in the order in which they were planned. */
  readonly order: number;
  readonly value: T;
}

/** What happens when; earliest first, of one moment the first put in. */
export class TimeHeap<T> {
  readonly #items: Item<T>[] = [];
  #putCount = 0;

  get size(): number {
    return this.#items.length;
  }

  nextAtMs(): number {
    return this.#items[0]?.atMs ?? Infinity;
  }

  push(atMs: number, value: T): void {
    const item: Item<T> = { atMs, order: this.#putCount, value };
    this.#putCount += 1;
    const items = this.#items;
    items.push(item);
    let child = items.length - 1;
    while (child > 0) {
      const parent = (child - 1) >>> 1;
      const above = items[parent];
      if (above === undefined || !isBefore(item, above)) {
        break;
      }
      items[child] = above;
      child = parent;
    }
    items[child] = item;
  }

  /** Takes what is due at `nowMs` or before, or undefined. */
  takeDue(nowMs: number): T | undefined {
    const first = this.#items[0];
    if (first === undefined || first.atMs > nowMs) {
      return undefined;
    }
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) {
      this.#sink(last);
    }
    return first.value;
  }

  #sink(last: Item<T>): void {
    const items = this.#items;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      let smallest = items[child];
      if (smallest === undefined) {
        break;
      }
      const right = items[child + 1];
      if (right !== undefined && isBefore(right, smallest)) {
        smallest = right;
        child += 1;
      }
      if (!isBefore(smallest, last)) {
        break;
      }
      items[parent] = smallest;
      parent = child;
    }
    items[parent] = last;
  }
}

function isBefore<T>(a: Item<T>, b: Item<T>): boolean {
  return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs;
}
