/** Small helpers for messages. */

/** Letters that are wrong, missing or too many; two neighbours the wrong way round count once. */
function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (b[j] === a[i] ? 0 : 1);
      const isTurned = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      const turned = isTurned ? (before[j - 1] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, turned, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** ` (did you mean "rows"?)` when a known word is near, else nothing. */
export function didYouMean(found: string, known: Iterable<string>): string {
  let best: string | undefined;
  let bestDistance = found.length > 5 ? 4 : 3;
  for (const word of known) {
    if (Math.abs(word.length - found.length) < bestDistance && found.length <= 63) {
      const far = distance(found.toLowerCase(), word.toLowerCase());
      if (far < bestDistance) {
        [best, bestDistance] = [word, far];
      }
    }
  }
  return best === undefined ? "" : ` (did you mean "${best}"?)`;
}

const mostListed = 12;

/** `"a", "b" or "c"`, cut when long. */
export function listed(words: Iterable<string>): string {
  const all = [...words].map((word) => `"${word}"`);
  if (all.length > mostListed) {
    return `${all.slice(0, mostListed).join(", ")} and ${all.length - mostListed} more`;
  }
  return all.length < 2 ? (all[0] ?? "none") : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
}

const mostQuotedCharacters = 60;

/** In quotes and on one line, cut when long. */
export function quotedText(text: string, mostCharacters: number = mostQuotedCharacters): string {
  return JSON.stringify(text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text);
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
