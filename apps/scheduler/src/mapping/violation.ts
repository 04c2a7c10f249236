/** One wrong field of a request: where, what was found, what is allowed. */
export interface Violation {
  /** Path in the request, in the words of the proto: `spec.labels["team"]`. */
  readonly field: string;
  /** A sentence without the field's name. */
  readonly description: string;
}

const quotedLengthMax = 40;

/** What was found, short enough for a message and without control characters. */
export function quoted(text: string): string {
  return JSON.stringify(
    text.length > quotedLengthMax ? `${text.slice(0, quotedLengthMax)}…` : text,
  );
}
