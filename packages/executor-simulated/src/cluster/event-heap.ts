/** What happens by itself in the cluster, in the order in which it happens at one moment. */
export const happeningRanks = {
  "node-fails": 0,
  "node-powers-off": 1,
  "node-asks": 2,
  "attempt-runs": 3,
  "attempt-exits": 4,
  "node-confirms": 5,
  "node-caps": 6,
} as const;

export type HappeningKind = keyof typeof happeningRanks;

/** Something due. Fields that do not apply are -1, so that the order is total without branches. */
export interface Happening {
  readonly atMs: number;
  readonly kind: HappeningKind;
  readonly job: number;
  readonly task: number;
  readonly attempt: number;
  readonly node: number;
}

/**
 * By time, then by what it is about, never by when it was put in: the same things due give the same
 * order however the wishes arrived.
 */
function compare(a: Happening, b: Happening): number {
  return (
    a.atMs - b.atMs ||
    happeningRanks[a.kind] - happeningRanks[b.kind] ||
    a.job - b.job ||
    a.task - b.task ||
    a.attempt - b.attempt ||
    a.node - b.node
  );
}

/** Binary heap, earliest first. Entries that no longer apply are skipped by the caller. */
export class EventHeap {
  #items: Happening[] = [];

  peek(): Happening | undefined {
    return this.#items[0];
  }

  push(happening: Happening): void {
    const items = this.#items;
    items.push(happening);
    let child = items.length - 1;
    while (child > 0) {
      const parent = (child - 1) >>> 1;
      const above = items[parent];
      if (above === undefined || compare(above, happening) <= 0) {
        break;
      }
      items[child] = above;
      child = parent;
    }
    items[child] = happening;
  }

  /** Puts another happening, or none, in the place of each. */
  replaceEach(replace: (happening: Happening) => Happening | undefined): void {
    const items = this.#items;
    this.#items = [];
    for (const item of items) {
      const replaced = replace(item);
      if (replaced !== undefined) {
        this.push(replaced);
      }
    }
  }

  pop(): Happening | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) {
      return first;
    }
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      const left = items[child];
      if (left === undefined) {
        break;
      }
      const right = items[child + 1];
      let smallest = left;
      if (right !== undefined && compare(right, left) < 0) {
        smallest = right;
        child += 1;
      }
      if (compare(last, smallest) <= 0) {
        break;
      }
      items[parent] = smallest;
      parent = child;
    }
    items[parent] = last;
    return first;
  }
}
