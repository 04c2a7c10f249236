import {
  EventLogError,
  LogClosed,
  LogCorrupt,
  LogDiskFull,
  LogFailed,
  LogFromNewerVersion,
  LogLocked,
  LogTrimmed,
} from "../errors.ts";
import type { WireError } from "./protocol.ts";

/** Primary result codes of SQLite (https://sqlite.org/rescode.html); the low byte of an extended one. */
const resultCode = { busy: 5, locked: 6, ioError: 10, corrupt: 11, full: 13, notADatabase: 26 };

function codeOf(error: unknown): number | undefined {
  if (error instanceof Error && "errcode" in error && typeof error.errcode === "number") {
    return error.errcode & 0xff;
  }
  return undefined;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** True when nothing is known any more about what the disk holds: only a reopen can tell. */
export function isStoreFailure(error: unknown): boolean {
  return !(
    error instanceof EventLogError ||
    error instanceof TypeError ||
    error instanceof RangeError
  );
}

/**
 * Gives a failure of the store its class.
 *
 * @param attempt what was being done, as "append 3 rows after sequence 7 to /var/lib/ertis/log.db"
 */
export function explainFailure(attempt: string, error: unknown): Error {
  if (!isStoreFailure(error)) {
    return error instanceof Error ? error : new LogFailed(String(error));
  }
  const options = { cause: error };
  const because = `could not ${attempt}: ${textOf(error)}`;
  switch (codeOf(error)) {
    case resultCode.busy:
    case resultCode.locked:
      return new LogLocked(
        `${because}; another server holds this log: stop it first, or give this one its own directory`,
        options,
      );
    case resultCode.full:
      return new LogDiskFull(
        `${because}; what was acknowledged before is kept, this is not: free space on that file system, then start again`,
        options,
      );
    case resultCode.corrupt:
      return new LogCorrupt(`${because}; restore the log from a backup`, undefined, options);
    case resultCode.notADatabase:
      return new LogCorrupt(
        `${because}; the file was not written by this program: name another directory, or restore it from a backup`,
        undefined,
        options,
      );
    default:
      return new LogFailed(
        `${because}; look at the disk and its permissions, then start again`,
        options,
      );
  }
}

export function toWire(error: Error): WireError {
  const { cause } = error;
  return {
    kind: error instanceof EventLogError ? error.kind : error.name,
    message: error.message,
    sequence: error instanceof LogCorrupt ? error.sequence : undefined,
    first: error instanceof LogTrimmed ? error.first : undefined,
    foundFormat: error instanceof LogFromNewerVersion ? error.foundFormat : undefined,
    supportedFormat: error instanceof LogFromNewerVersion ? error.supportedFormat : undefined,
    cause:
      cause instanceof Error
        ? { message: cause.message, code: "code" in cause ? String(cause.code) : "" }
        : undefined,
  };
}

export function fromWire(wire: WireError): Error {
  const { message } = wire;
  const options =
    wire.cause === undefined
      ? {}
      : { cause: Object.assign(new Error(wire.cause.message), { code: wire.cause.code }) };
  switch (wire.kind) {
    case "log-locked":
      return new LogLocked(message, options);
    case "log-disk-full":
      return new LogDiskFull(message, options);
    case "log-corrupt":
      return new LogCorrupt(message, wire.sequence, options);
    case "log-from-newer-version":
      return new LogFromNewerVersion(message, wire.foundFormat ?? 0, wire.supportedFormat ?? 0);
    case "log-trimmed":
      return new LogTrimmed(message, wire.first ?? 1);
    case "log-closed":
      return new LogClosed(message, options);
    case "TypeError":
      return new TypeError(message, options);
    case "RangeError":
      return new RangeError(message, options);
    default:
      return new LogFailed(message, options);
  }
}
