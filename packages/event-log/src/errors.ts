import type { Sequence } from "@ertis/scheduler-runtime";

/** What every failure of a log has in common: a `kind` to switch on, and the cause beneath it. */
export abstract class EventLogError extends Error {
  abstract readonly kind: string;
}

/** Another server holds the log; two writers would each break the other's promises. */
export class LogLocked extends EventLogError {
  override readonly name = "LogLocked";
  readonly kind = "log-locked";
}

/** No room for the rows; nothing of the failed append was kept. */
export class LogDiskFull extends EventLogError {
  override readonly name = "LogDiskFull";
  readonly kind = "log-disk-full";
}

/** The store is not what was written to it. */
export class LogCorrupt extends EventLogError {
  override readonly name = "LogCorrupt";
  readonly kind = "log-corrupt";
  /** The first row that cannot be trusted; undefined when the damage is not in a row. */
  readonly sequence: Sequence | undefined;

  constructor(message: string, sequence: Sequence | undefined, options?: ErrorOptions) {
    super(message, options);
    this.sequence = sequence;
  }
}

/** The log was written by a newer program, whose rows this one could misread. */
export class LogFromNewerVersion extends EventLogError {
  override readonly name = "LogFromNewerVersion";
  readonly kind = "log-from-newer-version";
  readonly foundFormat: number;
  readonly supportedFormat: number;

  constructor(message: string, foundFormat: number, supportedFormat: number) {
    super(message);
    this.foundFormat = foundFormat;
    this.supportedFormat = supportedFormat;
  }
}

/** The wanted rows (or the wanted snapshot) were dropped by a trim. */
export class LogTrimmed extends EventLogError {
  override readonly name = "LogTrimmed";
  readonly kind = "log-trimmed";
  /** The first row still held. */
  readonly first: Sequence;

  constructor(message: string, first: Sequence) {
    super(message);
    this.first = first;
  }
}

/** The log was closed, by its owner or because an earlier write failed. */
export class LogClosed extends EventLogError {
  override readonly name = "LogClosed";
  readonly kind = "log-closed";
}

/** Any other failure of the store: input or output, permissions, an unusable file system. */
export class LogFailed extends EventLogError {
  override readonly name = "LogFailed";
  readonly kind = "log-failed";
}
