/** A promise that an entry of the log breaks. */
export interface Violation {
  /** Name of the checker, for example `limit`. */
  readonly property: string;
  /** Position of the entry, from 1, in the order observed. */
  readonly entry: number;
  /** Position of the event in its entry, from 1; 0 for the entry as a whole. */
  readonly event: number;
  readonly eventKind: string;
  readonly atMs: number;
  /** Id of the power domain, where one is concerned. */
  readonly domain?: string;
  readonly message: string;
}

export function describeViolation(violation: Violation): string {
  const { property, entry, event, eventKind, atMs, domain, message } = violation;
  const where = domain === undefined ? "" : ` at ${domain}`;
  return `${property}: entry ${entry}, event ${event} (${eventKind}), ${atMs} ms${where}: ${message}`;
}
