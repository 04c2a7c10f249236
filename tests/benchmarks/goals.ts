/** What a benchmark promises of a line, as data: what was measured beside its bound. */
export interface Goal {
  readonly metric: string;
  readonly measured: number;
  readonly bound: number;
  readonly side: "at most" | "at least";
  /** Behind both numbers: "%", "ms"; empty: a count. */
  readonly unit: string;
}

export function atMost(metric: string, measured: number, bound: number, unit = ""): Goal {
  return { metric, measured, bound, side: "at most", unit };
}

export function atLeast(metric: string, measured: number, bound: number, unit = ""): Goal {
  return { metric, measured, bound, side: "at least", unit };
}

/** What could not be measured (not a number) keeps no goal. */
export function isMet({ measured, bound, side }: Goal): boolean {
  return side === "at most" ? measured <= bound : measured >= bound;
}

/** Digits enough that a miss by a hair is seen as one. */
export function goalText(goal: Goal): string {
  const { metric, measured, bound, side, unit } = goal;
  const behind = unit === "" ? "" : ` ${unit}`;
  const shown = Number.isFinite(measured) ? String(Number(measured.toPrecision(6))) : "nothing";
  return `${isMet(goal) ? "met" : "missed"}: ${metric} ${shown}${behind}, goal ${side} ${bound}${behind}`;
}
