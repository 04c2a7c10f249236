import type { Bucket } from "../record/time-series.ts";

/** One line over time: means and highest by bucket; undefined where there is no value. */
export interface Line {
  readonly name: string;
  readonly means: readonly (number | undefined)[];
  readonly maxima: readonly (number | undefined)[];
}

export function lineIn(buckets: readonly Bucket[], name: string, column: number): Line {
  return {
    name,
    means: buckets.map(({ means }) => known(means[column])),
    maxima: buckets.map(({ maxima }) => known(maxima[column])),
  };
}

function known(value: number | undefined): number | undefined {
  return value === undefined || !Number.isFinite(value) ? undefined : value;
}
