/** How often something happens: `numerator` times in `denominator`. Never a float. */
export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/** Whole numbers from `min` to `max`, both included. */
export interface IntegerRange {
  readonly min: number;
  readonly max: number;
}

/** A sequence of random numbers that belongs to one name; draws elsewhere never shift it. */
export interface RandomStream {
  /** A whole number from 0 to `bound - 1`, without bias; `bound` from 1 to 2^53. */
  below(bound: number): number;
  within(range: IntegerRange): number;
  happens(ratio: Ratio): boolean;
}

const words = 2 ** 32;

/** Finaliser of MurmurHash3 (A. Appleby, public domain): each input bit reaches each output bit. */
export function mixWord(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** FNV-1a over the characters, then mixed; `salt` gives independent words of one text. */
function hashText(text: string, salt: number): number {
  let hash = mixWord(0x811c9dc5 ^ salt);
  for (let position = 0; position < text.length; position += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(position), 0x01000193);
  }
  return mixWord(hash);
}

/** One 32-bit word that belongs to a name; equal on every machine. */
export function wordOf(seed: number, ...names: readonly (string | number)[]): number {
  return hashText(`${seed}/${names.join("/")}`, 0x9e3779b9);
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/**
 * The stream of a name. Forked by name and not by order of creation, so that a new draw in one
 * stream does not shift the others.
 *
 * @see xoshiro128**, D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators"
 */
export function forkStream(seed: number, ...names: readonly (string | number)[]): RandomStream {
  const text = `${seed}/${names.join("/")}`;
  let a = hashText(text, 1);
  let b = hashText(text, 2);
  let c = hashText(text, 3);
  // The generator must not start at all zeros.
  let d = hashText(text, 4) | 1;

  const nextWord = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };

  const below = (bound: number): number => {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 53) {
      throw new RangeError(`below(${bound}): the bound is a whole number from 1 to 2^53`);
    }
    const span = bound <= words ? words : 2 ** 53;
    const usable = span - (span % bound);
    for (;;) {
      const drawn = span === words ? nextWord() : (nextWord() >>> 11) * words + nextWord();
      if (drawn < usable) {
        return drawn % bound;
      }
    }
  };

  return {
    below,
    within: (range) => range.min + below(range.max - range.min + 1),
    happens: (ratio) => ratio.numerator > 0 && below(ratio.denominator) < ratio.numerator,
  };
}
