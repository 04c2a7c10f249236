/** One way to run a job: what it draws and what that is worth. */
export interface Choice {
  readonly watts: number;
  readonly worth: number;
}

export interface Best {
  readonly worth: number;
  /** Per job, the position of its choice. */
  readonly chosen: readonly number[];
}

/**
 * The best choice for every job under one limit, by dynamic programming over watts in whole units. Watts
 * are rounded up, so the answer fits, and its worth is at least that of the true optimum with one unit a
 * job less. Undefined when no combination fits.
 */
export function bestChoices(
  jobs: readonly (readonly Choice[])[],
  roomWatts: number,
  unitWatts: number,
): Best | undefined {
  const units = Math.floor(roomWatts / unitWatts);
  let worths = new Float64Array(units + 1);
  const taken: Int16Array[] = [];
  for (const choices of jobs) {
    const row = new Int16Array(units + 1).fill(-1);
    taken.push(row);
    const next = new Float64Array(units + 1).fill(-Infinity);
    for (const [position, { watts, worth }] of choices.entries()) {
      // A hair, so that 48 × 250 W are not 12,001 units.
      const need = Math.ceil(watts / unitWatts - 1e-9);
      for (let used = need; used <= units; used++) {
        const whole = (worths[used - need] ?? -Infinity) + worth;
        if (whole > (next[used] ?? -Infinity)) {
          next[used] = whole;
          row[used] = position;
        }
      }
    }
    worths = next;
  }
  const worth = worths[units] ?? -Infinity;
  return worth === -Infinity
    ? undefined
    : { worth, chosen: traceBack(jobs, taken, units, unitWatts) };
}

function traceBack(
  jobs: readonly (readonly Choice[])[],
  taken: readonly Int16Array[],
  units: number,
  unitWatts: number,
): readonly number[] {
  const chosen: number[] = [];
  let left = units;
  for (let at = jobs.length - 1; at >= 0; at--) {
    const position = taken[at]?.[left] ?? -1;
    const watts = jobs[at]?.[position]?.watts ?? 0;
    left -= Math.ceil(watts / unitWatts - 1e-9);
    chosen.unshift(position);
  }
  return chosen;
}
