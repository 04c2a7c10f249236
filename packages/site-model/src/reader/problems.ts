import type { FileForm } from "./file-form.ts";

export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

/** One mistake in a file. A wrong file gives all of its mistakes at once. */
export interface SiteFileError {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Where in the document, for example `halls[2].limit`. */
  readonly path: string;
  /** What was found, what is allowed, what to do. */
  readonly message: string;
}

/** A spot in a file, and the path of keys that leads there. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** For example `templates.row-h100.racks`; empty for the whole document. */
  readonly path: string;
}

export const topOfFile: Place = { line: 1, column: 1, path: "" };

/** A value together with where it is written. */
export interface Located<T> {
  readonly value: T;
  readonly at: Place;
}

/** Collects the mistakes of one file, so that a person sees all of them at once. */
export class Problems {
  readonly file: string;
  readonly form: FileForm;
  readonly #found = new Map<string, SiteFileError>();

  constructor(file: string, form: FileForm) {
    this.file = file;
    this.form = form;
  }

  get count(): number {
    return this.#found.size;
  }

  /** Nothing more is taken; whoever finds mistakes with some effort can stop. */
  get isFull(): boolean {
    return this.#found.size >= this.form.mostProblems;
  }

  /** A template used in many places is wrong once: the same words at the same spot count once. */
  add({ line, column, path }: Place, message: string): void {
    const key = `${line}:${column}:${message}`;
    if (!this.isFull && !this.#found.has(key)) {
      this.#found.set(key, { file: this.file, line, column, path, message });
    }
  }

  lineOf({ line }: Place): SourceLine {
    return { file: this.file, line };
  }

  /** In the order of the file. */
  sorted(): readonly SiteFileError[] {
    return [...this.#found.values()].toSorted((a, b) => a.line - b.line || a.column - b.column);
  }
}
