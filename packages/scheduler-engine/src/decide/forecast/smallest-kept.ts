/** A search for the smallest target: so many times as much from step to step, then so many halvings. Each is a whole plan. */
const stepTimes = 1.04;
const halvings = 3;
/** Of what is found so much less is looked at, so often. */
const lessPart = 0.99;
const lessTriesMax = 4;

/** How a target is asked about. */
export interface Kept {
  readonly isKept: (targetWatts: number) => boolean;
  /** The figure by which one is named, no less; only figures are found. */
  readonly figureOf: (targetWatts: number) => number;
  /** As it is named, in whatever unit. */
  readonly isFigureKept: (figure: number) => boolean;
  /** No more is asked: what is found is not known to be the smallest. */
  readonly isSpent: () => boolean;
}

export interface Between {
  /** A figure that is kept. */
  readonly fits: number;
  /** Where the steps begin. */
  readonly tooSmall: number;
  /** Nothing that is not above it is named: it is what was refused. */
  readonly leastAsked: number;
}

export interface SmallestKept {
  readonly targetWatts: number;
  /** One hundredth less is not kept. */
  readonly isSmallest: boolean;
}

/**
 * Between a target that is kept and one that is not: a smaller one that is kept. From below, since one may be refused
 * where a smaller is not: where caps alone are enough nobody pauses, and less is left for the time until all is settled.
 * The steps are the same wherever it begins, so that what is found for one set of floors can be compared with another.
 */
export function smallestKept(kept: Kept, between: Between): SmallestKept {
  const { figureOf, isFigureKept, isSpent } = kept;
  let { fits, tooSmall } = between;
  for (let step = 1; figureOf(step) < fits && !isSpent(); step = Math.ceil(step * stepTimes)) {
    const tried = figureOf(step);
    if (tried > tooSmall && isFigureKept(tried)) {
      fits = tried;
      break;
    }
    tooSmall = Math.max(tooSmall, tried);
  }
  return halved(kept, { ...between, fits, tooSmall });
}

/** The same by halvings alone: fewer are looked at. */
export function halved(kept: Kept, between: Between): SmallestKept {
  const { figureOf, isFigureKept, isSpent } = kept;
  let { fits, tooSmall } = between;
  for (let round = 0; round < halvings && !isSpent(); round += 1) {
    const middle = figureOf((fits + tooSmall) / 2);
    if (middle < fits && isFigureKept(middle)) {
      fits = middle;
    } else {
      tooSmall = Math.max(tooSmall, Math.min(middle, fits - 1));
    }
  }
  return lessThan(kept, { fits, leastAsked: between.leastAsked });
}

/** Of a figure that is kept: less, as long as a hundredth less is kept, too. */
export function lessThan(
  { isKept, figureOf, isFigureKept, isSpent }: Kept,
  { fits, leastAsked }: Pick<Between, "fits" | "leastAsked">,
): SmallestKept {
  let targetWatts = fits;
  for (let tries = 0; tries < lessTriesMax; tries += 1) {
    const less = hundredthLess(targetWatts);
    if (!isKept(less)) {
      return { targetWatts, isSmallest: true };
    }
    if (isSpent()) {
      return { targetWatts, isSmallest: false };
    }
    const figure = figureOf(less);
    if (figure <= leastAsked || figure >= targetWatts || !isFigureKept(figure)) {
      return { targetWatts, isSmallest: false };
    }
    targetWatts = figure;
  }
  return { targetWatts, isSmallest: !isKept(hundredthLess(targetWatts)) };
}

export function hundredthLess(targetWatts: number): number {
  return Math.round(targetWatts * lessPart);
}
