/**
 * The value that would stand at a position (0: the smallest) if all were sorted; it moves them about (C. A. R. Hoare's FIND). For
 * every start that is looked for it is asked of all nodes of a site, and sorting them took a fifth of a decision.
 */
export function nthSmallest(values: Float64Array, position: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1] ?? 0;
    let left = low;
    let right = high;
    while (left <= right) {
      while ((values[left] ?? 0) < pivot) {
        left += 1;
      }
      while ((values[right] ?? 0) > pivot) {
        right -= 1;
      }
      if (left <= right) {
        const value = values[left] ?? 0;
        values[left] = values[right] ?? 0;
        values[right] = value;
        left += 1;
        right -= 1;
      }
    }
    if (position <= right) {
      high = right;
    } else if (position >= left) {
      low = left;
    } else {
      break;
    }
  }
  return values[position] ?? Number.NaN;
}
