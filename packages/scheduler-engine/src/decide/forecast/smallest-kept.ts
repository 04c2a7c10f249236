/** A search for the smallest target: so many even steps upwards, then so many halvings. Each is a whole plan. */
const steps = 8;
const halvings = 3;

/**
 * Between a target that is kept and one that is not: a smaller one that is kept. From below, since one may be refused
 * where a smaller is not: where caps alone are enough nobody pauses, and less is left for the time until all is settled.
 */
export function smallestKept(
  keeps: (targetWatts: number) => boolean,
  between: { readonly fits: number; readonly tooSmall: number },
): number {
  let { fits, tooSmall } = between;
  const stepWatts = (fits - tooSmall) / steps;
  for (let step = 1; step < steps; step += 1) {
    const tried = Math.ceil(between.tooSmall + step * stepWatts);
    if (keeps(tried)) {
      fits = tried;
      break;
    }
    tooSmall = tried;
  }
  for (let round = 0; round < halvings && fits - tooSmall > 1; round += 1) {
    const middle = Math.ceil((fits + tooSmall) / 2);
    if (keeps(middle)) {
      fits = middle;
    } else {
      tooSmall = middle;
    }
  }
  return fits;
}
