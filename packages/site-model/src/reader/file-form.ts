/** What one kind of file may hold, and what its messages advise instead. */
export interface FileForm {
  /** Beyond these a file is beyond reading line by line. */
  readonly mostProblems: number;
  /** How deep blocks and lists may stand in each other. */
  readonly deepestLevel: number;
  /** Whether an anchor is a mistake even where no alias follows it. */
  readonly refusesAnchors: boolean;
  /**
   * What stands for an alias or what is too deep, which is reported: nothing, or an empty text, so
   * that its key does not count as missing too.
   */
  readonly unreadable: "nothing" | "empty text";
  readonly advice: FileAdvice;
}

/** The last words of messages; each follows a text that says what was found. */
export interface FileAdvice {
  /** After `the file is empty: `. */
  readonly empty: string;
  /** After `at most 1048576`. */
  readonly tooLong: string;
  /** After `nested too deeply, at most 12 levels are allowed`. */
  readonly tooDeep: string;
  /** After `a YAML alias (*name) is not allowed: `. */
  readonly alias: string;
  /** `key` or `name`: what is there twice. */
  readonly duplicate: string;
  /** After `duplicate key "hosts", first on line 3: `. */
  readonly duplicated: string;
}
