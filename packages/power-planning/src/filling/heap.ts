/** A binary heap of positions, the smallest key first; of equal keys the smaller position. */
export interface Heap {
  readonly keys: number[];
  readonly positions: number[];
}

export function createHeap(): Heap {
  return { keys: [], positions: [] };
}

export function push(heap: Heap, key: number, position: number): void {
  const { keys, positions } = heap;
  let at = keys.length;
  keys.push(key);
  positions.push(position);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!comesBefore(heap, at, parent)) {
      return;
    }
    swap(heap, at, parent);
    at = parent;
  }
}

/** Takes the first position out; undefined when the heap is empty. */
export function pop(heap: Heap): number | undefined {
  const { keys, positions } = heap;
  if (keys.length === 0) {
    return undefined;
  }
  swap(heap, 0, keys.length - 1);
  keys.pop();
  const first = positions.pop();
  sink(heap);
  return first;
}

function sink(heap: Heap): void {
  const size = heap.keys.length;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    let first = at;
    if (left < size && comesBefore(heap, left, first)) {
      first = left;
    }
    if (right < size && comesBefore(heap, right, first)) {
      first = right;
    }
    if (first === at) {
      return;
    }
    swap(heap, at, first);
    at = first;
  }
}

function comesBefore({ keys, positions }: Heap, a: number, b: number): boolean {
  const keyA = keys[a] ?? 0;
  const keyB = keys[b] ?? 0;
  return keyA < keyB || (keyA === keyB && (positions[a] ?? 0) < (positions[b] ?? 0));
}

function swap({ keys, positions }: Heap, a: number, b: number): void {
  const key = keys[a] ?? 0;
  keys[a] = keys[b] ?? 0;
  keys[b] = key;
  const position = positions[a] ?? 0;
  positions[a] = positions[b] ?? 0;
  positions[b] = position;
}
