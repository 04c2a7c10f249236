import type { SiteFileError } from "./site.ts";

/** A spot in the file, and the path of keys that leads there. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** For example `templates.row-h100.racks`; empty for the whole document. */
  readonly path: string;
}

/** A value together with where it is written. */
export interface Located<T> {
  readonly value: T;
  readonly at: Place;
}

const mostProblems = 1_000;

/** Collects every mistake of one file, so that a person sees all of them at once. */
export class Problems {
  readonly #file: string;
  readonly #found = new Map<string, SiteFileError>();

  constructor(file: string) {
    this.#file = file;
  }

  get file(): string {
    return this.#file;
  }

  get count(): number {
    return this.#found.size;
  }

  /** A template used in many places is wrong once: the same words at the same spot count once. */
  add(at: Place, message: string): void {
    const key = `${at.line}:${at.column}:${message}`;
    if (this.#found.size < mostProblems && !this.#found.has(key)) {
      const { line, column, path } = at;
      this.#found.set(key, { file: this.#file, line, column, path, message });
    }
  }

  /** In the order of the file. */
  sorted(): readonly SiteFileError[] {
    return [...this.#found.values()].toSorted((a, b) => a.line - b.line || a.column - b.column);
  }
}
