import type { Output } from "../terminal/terminal.ts";

const escape = "\u001B[";
const enter = `${escape}?1049h${escape}?25l`;
const leave = `${escape}?25h${escape}?1049l`;
const home = `${escape}H`;
const clearToLineEnd = `${escape}K`;
const clearBelow = `${escape}J`;

/** The text that draws lines over the ones before without flicker: each line clears its own rest. */
function toFrame(lines: readonly string[], rowCount: number): string {
  const shown = lines.slice(0, rowCount);
  return `${home}${shown.map((line) => line + clearToLineEnd).join("\r\n")}${clearBelow}`;
}

/** A terminal's second screen, drawn over again and again; the first one comes back at the end. */
export class Screen {
  readonly #output: Output;
  #lines: readonly string[] = [];

  constructor(output: Output) {
    this.#output = output;
    output.write(enter);
  }

  /** Rows there are to draw on. */
  get rowCount(): number {
    return this.#output.rows() ?? 24;
  }

  draw(lines: readonly string[]): void {
    this.#lines = lines;
    this.#output.write(toFrame(lines, this.rowCount));
  }

  /** Leaves the last picture on the usual screen, where it can be read and copied. */
  close(): void {
    this.#output.write(leave);
    const shown = this.#lines.slice(0, this.rowCount - 1);
    if (shown.length > 0) {
      this.#output.write(`${shown.join("\n")}\n`);
    }
  }
}
