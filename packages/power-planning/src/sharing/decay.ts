/** 2^-½, 2^-¼, … by square roots, which every machine rounds alike; powers are not so exact. */
const roots: readonly number[] = (() => {
  const found: number[] = [];
  let root = 0.5;
  for (let bit = 0; bit < 40; bit += 1) {
    root = Math.sqrt(root);
    found.push(root);
  }
  return found;
})();

/** Beyond this many half-lives nothing is left of a number. */
const halfLivesMax = 1100;

/** What is left of 1 after some time: a half after each half-life. The same on every machine. */
export function decayedShare(elapsedMs: number, halfLifeMs: number): number {
  const halfLives = elapsedMs / halfLifeMs;
  if (halfLives >= halfLivesMax) {
    return 0;
  }
  let left = 1;
  let whole = Math.floor(halfLives);
  let part = halfLives - whole;
  for (; whole > 0; whole -= 1) {
    left *= 0.5;
  }
  for (const root of roots) {
    part *= 2;
    if (part >= 1) {
      part -= 1;
      left *= root;
    }
  }
  return left;
}

/**
 * What one a ms, from 0 on, has become after some time, each ms decayed since it was used.
 *
 * @param share what is left of 1 after that time
 */
export function decayedSumMs(share: number, halfLifeMs: number): number {
  return (halfLifeMs / Math.LN2) * (1 - share);
}
