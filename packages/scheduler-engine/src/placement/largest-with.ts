/** Windows that are looked into by themselves; what ends after them is one range. */
const windowsTried = 4;

export interface CountsTried {
  readonly low: number;
  readonly high: number;
  /** When a gang with so much would be done: the more, the earlier. */
  readonly endsByMs: (count: number) => number;
  /** Moments from which on there may be less room. */
  readonly momentsMs: readonly number[];
}

/**
 * What is found with the largest count at which anything is. Less of something needs less room, but it
 * is done later and may meet what comes then: only among counts that are done before the same moments
 * whatever is found at one is found at every lower one. So each of these ranges is searched by itself,
 * the largest counts first; where its lowest finds nothing, none of it does.
 */
export function largestWith<Found>(
  tried: CountsTried,
  findAt: (count: number) => Found | undefined,
): Found | undefined {
  for (const [low, high] of ranges(tried)) {
    let best = findAt(low);
    if (best === undefined) {
      continue;
    }
    let [fits, most] = [low, high];
    while (fits < most) {
      const middle = Math.ceil((fits + most) / 2);
      const found = findAt(middle);
      if (found === undefined) {
        most = middle - 1;
      } else {
        best = found;
        fits = middle;
      }
    }
    return best;
  }
  return undefined;
}

function* ranges({
  low,
  high,
  endsByMs,
  momentsMs,
}: CountsTried): Generator<readonly [number, number]> {
  if (low > high) {
    return;
  }
  const latestMs = endsByMs(low);
  const earliestMs = endsByMs(high);
  const moments = momentsMs
    .filter((atMs) => atMs >= earliestMs && atMs < latestMs)
    .toSorted((a, b) => a - b)
    .slice(0, windowsTried);
  let top = high;
  for (const atMs of moments) {
    const least = smallestDoneBy(atMs, { low, high: top, endsByMs });
    if (least <= top) {
      yield [least, top];
      top = least - 1;
    }
  }
  if (top >= low) {
    yield [low, top];
  }
}

/** The smallest count that is done by a moment; above `high`: none is. */
function smallestDoneBy(
  atMs: number,
  { low, high, endsByMs }: Omit<CountsTried, "momentsMs">,
): number {
  let [from, to] = [low, high + 1];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (endsByMs(middle) <= atMs) {
      to = middle;
    } else {
      from = middle + 1;
    }
  }
  return from;
}
