import type { SiteFileError, SourceLine } from "@ertis/site-model";

/** A spot in a file, and the path of keys that leads there. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** For example `networks.pods.block`; empty for the whole document. */
  readonly path: string;
}

export const topOfFile: Place = { line: 1, column: 1, path: "" };

/** A value and where it is written. */
export interface Located<T> {
  readonly value: T;
  readonly at: Place;
}

/** Beyond these a file is beyond reading line by line. */
const mostProblems = 200;

/** Collects the mistakes of one file, so that a person sees all of them at once. */
export class Problems {
  readonly file: string;
  readonly #found: SiteFileError[] = [];

  constructor(file: string) {
    this.file = file;
  }

  get count(): number {
    return this.#found.length;
  }

  /** Nothing more is taken; whoever finds mistakes with some effort can stop. */
  get isFull(): boolean {
    return this.#found.length >= mostProblems;
  }

  add({ line, column, path }: Place, message: string): void {
    if (!this.isFull) {
      this.#found.push({ file: this.file, line, column, path, message });
    }
  }

  lineOf({ line }: Place): SourceLine {
    return { file: this.file, line };
  }

  /** In the order of the file. */
  sorted(): readonly SiteFileError[] {
    return this.#found.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }
}
