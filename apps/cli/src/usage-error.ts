/** What a person typed or wrote into a file is wrong; found before any call. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** What to do, in one sentence; may be empty. */
  readonly advice: string;

  constructor(message: string, advice = "") {
    super(message);
    this.advice = advice;
  }
}
