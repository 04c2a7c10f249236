/** Where a number stands in a rising list; -1 when it is not in it. A gang may have 20,000 nodes. */
export function positionIn(rising: readonly number[], wanted: number): number {
  let low = 0;
  let high = rising.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = rising[middle] ?? 0;
    if (found === wanted) {
      return middle;
    }
    if (found < wanted) {
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return -1;
}
