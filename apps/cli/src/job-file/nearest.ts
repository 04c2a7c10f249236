/** Letters to add, take away, replace or swap with a neighbour. */
function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (before[j - 2] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

const longest = 60;

/** The known word that was most likely meant; undefined when none is near. */
export function findNearest(found: string, known: Iterable<string>): string | undefined {
  if (found.length > longest) {
    return undefined;
  }
  let best: string | undefined;
  // A third of the letters may be wrong, two at most.
  let bestDistance = Math.min(2, Math.floor(found.length / 3)) + 1;
  for (const word of known) {
    const far = distance(found.toLowerCase(), word.toLowerCase());
    if (far < bestDistance) {
      [best, bestDistance] = [word, far];
    }
  }
  return best;
}
