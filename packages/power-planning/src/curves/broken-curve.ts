/** A question to a curve that its owner should not have asked: a mistake in the program, not in its input. */
export class BrokenCurve extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BrokenCurve";
  }
}
