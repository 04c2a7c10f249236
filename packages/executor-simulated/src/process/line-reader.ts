const newline = 0x0a;

/** The sender's line is longer than any message can be: it does not speak this protocol. */
export class LineTooLong extends Error {
  override readonly name = "LineTooLong";
}

/**
 * Cuts a byte stream into lines. What it holds is bounded: a line that passes `lineBytesMax` throws
 * as soon as that is clear, not when the line ends.
 */
export class LineReader {
  readonly #lineBytesMax: number;
  #parts: Buffer[] = [];
  #heldBytes = 0;

  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax;
  }

  /** @throws LineTooLong when a line passes the limit; the stream is then of no further use. */
  push(chunk: Buffer): readonly string[] {
    const lines: string[] = [];
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      this.#hold(chunk.subarray(from, at));
      lines.push(Buffer.concat(this.#parts).toString("utf8"));
      this.#parts = [];
      this.#heldBytes = 0;
      from = at + 1;
    }
    this.#hold(chunk.subarray(from));
    return lines;
  }

  #hold(part: Buffer): void {
    this.#heldBytes += part.length;
    if (this.#heldBytes > this.#lineBytesMax) {
      throw new LineTooLong(
        `a line has more than ${this.#lineBytesMax} bytes; messages are one short JSON line each`,
      );
    }
    if (part.length > 0) {
      this.#parts.push(part);
    }
  }
}
