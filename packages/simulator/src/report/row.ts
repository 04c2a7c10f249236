/** One figure of a run, as text and, where two runs can be compared by it, as a number. */
export interface Row {
  readonly name: string;
  readonly text: string;
  readonly value?: number;
  /** Which way is better; absent: neither. */
  readonly better?: "lower" | "higher";
  /** The row is bad news by itself. */
  readonly isBad?: boolean;
}
