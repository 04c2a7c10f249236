/**
 * Longest payload or snapshot chunk, in UTF-16 code units. SQLite's own limit is 1,000,000,000 bytes;
 * rows and chunks are read into memory whole, so the log stops far earlier.
 */
const payloadLengthMax: number = 128 * 1024 * 1024;

/**
 * Says why the log cannot hold a text, or undefined when it can. A lone surrogate has no UTF-8 form
 * and would come back as another character; `JSON.stringify` never produces one.
 */
export function payloadFault(payload: string): string | undefined {
  if (payload.length > payloadLengthMax) {
    return `it is ${String(payload.length)} characters long, at most ${String(payloadLengthMax)} are allowed; split it`;
  }
  if (!payload.isWellFormed()) {
    return "it contains a lone surrogate, which cannot be stored as UTF-8; encode it with JSON.stringify";
  }
  return undefined;
}
