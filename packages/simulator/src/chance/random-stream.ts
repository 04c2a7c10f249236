/** Random numbers that belong to a seed and a name; draws elsewhere never shift them. */
export interface RandomStream {
  /** Evenly from [0, 1). */
  unit(): number;
  /** A whole number from 0 to `bound - 1`. */
  below(bound: number): number;
  /** Evenly from [min, max). */
  within(min: number, max: number): number;
  /** Normal, by Marsaglia's polar method. */
  normal(mean: number, deviation: number): number;
  happens(probability: number): boolean;
}

const words = 2 ** 32;

/** Finaliser of MurmurHash3 (A. Appleby, public domain): each input bit reaches each output bit. */
function mixWord(word: number): number {
  let mixed = word ^ (word >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hashText(text: string, salt: number): number {
  let hash = mixWord(0x811c9dc5 ^ salt);
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return mixWord(hash);
}

/**
 * The stream of a name.
 *
 * @see sfc32, C. Doty-Humphrey, PractRand (public domain)
 */
export function forkStream(seed: number, ...names: readonly (string | number)[]): RandomStream {
  const text = `${seed}/${names.join("/")}`;
  let a = hashText(text, 1);
  let b = hashText(text, 2);
  let c = hashText(text, 3);
  let counter = 1;
  const nextWord = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  const unit = (): number => nextWord() / words;
  let spare: number | undefined;
  const standardNormal = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const x = 2 * unit() - 1;
      const y = 2 * unit() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) {
        const factor = Math.sqrt((-2 * Math.log(square)) / square);
        spare = y * factor;
        return x * factor;
      }
    }
  };
  return {
    unit,
    below: (bound) => Math.floor(unit() * bound),
    within: (min, max) => min + unit() * (max - min),
    normal: (mean, deviation) => mean + deviation * standardNormal(),
    happens: (probability) => probability > 0 && unit() < probability,
  };
}
