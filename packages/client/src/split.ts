/** How large one batch may be. */
export interface BatchLimits {
  /** Most items, at least 1. */
  readonly maxItemCount: number;
  /** Most bytes of the request, at least 1. */
  readonly maxBytes: number;
}

/** gRPC's own frame (5 bytes) and what a proxy might add; generous, for it costs nothing. */
const reservedBytes = 1_024;

/** Bytes of one item inside a batch: its field tag, its length as a varint, and itself. */
export function framedBytes(itemBytes: number): number {
  let lengthBytes = 1;
  for (let rest = itemBytes; rest >= 128; rest = Math.floor(rest / 128)) {
    lengthBytes += 1;
  }
  return 1 + lengthBytes + itemBytes;
}

/**
 * How many items from `start` on fit into one batch: at least 1, because an item too large for any batch
 * must go out for the server to refuse it by name.
 *
 * @param sizesBytes encoded size of each item
 */
export function countThatFit(
  sizesBytes: readonly number[],
  start: number,
  limits: BatchLimits,
): number {
  const longest = Math.min(sizesBytes.length - start, limits.maxItemCount);
  let bytes = reservedBytes;
  let count = 0;
  while (count < longest) {
    bytes += framedBytes(sizesBytes[start + count] ?? 0);
    if (bytes > limits.maxBytes && count > 0) {
      return count;
    }
    count += 1;
  }
  return count;
}
