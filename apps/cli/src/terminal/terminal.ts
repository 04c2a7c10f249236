/** Where text goes. */
export interface Output {
  write(text: string): void;
  readonly isTty: boolean;
  /** Columns of the terminal; undefined when it is none. */
  readonly columns: () => number | undefined;
  /** Rows of the terminal; undefined when it is none. */
  readonly rows: () => number | undefined;
}

/** What the command line meets of the world; tests hand in their own. */
export interface Terminal {
  /** Data. */
  readonly stdout: Output;
  /** Messages. */
  readonly stderr: Output;
  /** All of standard input as text. */
  readonly readInput: () => Promise<string>;
  /** One line typed by a person; undefined when nobody can answer. */
  readonly ask: (question: string) => Promise<string | undefined>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** This machine's clock, milliseconds since the Unix epoch. */
  readonly nowMs: () => number;
  /** Aborts at Ctrl-C. */
  readonly interrupt: AbortSignal;
}
