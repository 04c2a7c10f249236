/** Small things that messages are made of. */

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of a.split("").entries()) {
    const current = [row + 1];
    for (const [column, other] of b.split("").entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      const inserted = (current[column] ?? 0) + 1;
      const removed = (previous[column + 1] ?? 0) + 1;
      current.push(Math.min(replaced, inserted, removed));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** ` (did you mean "pods"?)` when a known word is near, else nothing. */
export function didYouMean(found: string, known: Iterable<string>): string {
  let best: string | undefined;
  let bestDistance = found.length > 5 ? 4 : 3;
  for (const word of known) {
    if (Math.abs(word.length - found.length) < bestDistance) {
      const distance = editDistance(found.toLowerCase(), word.toLowerCase());
      if (distance < bestDistance) {
        [best, bestDistance] = [word, distance];
      }
    }
  }
  return best === undefined ? "" : ` (did you mean "${best}"?)`;
}

const mostListed = 12;

/** `"a", "b" or "c"`, cut when long. */
export function listed(words: Iterable<string>): string {
  const all = Array.from(words, (word) => `"${word}"`);
  if (all.length > mostListed) {
    return `${all.slice(0, mostListed).join(", ")} and ${all.length - mostListed} more`;
  }
  const last = all.at(-1);
  return last === undefined || all.length === 1
    ? (last ?? "none")
    : `${all.slice(0, -1).join(", ")} or ${last}`;
}

export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
