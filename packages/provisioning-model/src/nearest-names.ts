/** The names that take the fewest single-letter edits to reach, nearest first; those further off than `maxEditCount` are left out. */
export function nearestNames(
  name: string,
  names: readonly string[],
  maxCount: number,
  maxEditCount: number = Infinity,
): readonly string[] {
  return names
    .map((candidate) => ({ candidate, editCount: editDistance(name, candidate) }))
    .filter(({ editCount }) => editCount <= maxEditCount)
    .toSorted((a, b) => a.editCount - b.editCount || a.candidate.localeCompare(b.candidate))
    .slice(0, maxCount)
    .map(({ candidate }) => candidate);
}

/** Levenshtein's distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, letter] of from.split("").entries()) {
    const current = [row + 1];
    for (const [column, other] of to.split("").entries()) {
      current.push(
        Math.min(
          (previous[column + 1] ?? 0) + 1,
          (current[column] ?? 0) + 1,
          (previous[column] ?? 0) + (letter === other ? 0 : 1),
        ),
      );
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
