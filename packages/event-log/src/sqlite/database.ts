import { closeSync, fsyncSync, mkdirSync, openSync, statfsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { LogCorrupt, LogFailed, LogFromNewerVersion } from "../errors.ts";

/** Raised by one whenever the tables or the meaning of a column change. */
const formatVersion = 1;

/** "Erts" in the database header: a file of another program is refused, not overwritten. */
const applicationId = 0x45727473;

/**
 * Big pages suit rows of several hundred kilobytes (365 MB/s against 194 MB/s with 4 KiB pages on
 * the development machine) and cost single-row commits a fifth; the runtime groups those.
 */
const pageBytes = 16_384;

/** What the WAL file is cut down to after a checkpoint, when a burst has made it longer. */
const walKeptBytes = 64 * 1024 * 1024;

const schema = `
  CREATE TABLE entry (
    sequence INTEGER PRIMARY KEY,
    checksum INTEGER NOT NULL,
    payload TEXT NOT NULL
  ) STRICT;
  -- The one row says where the held rows start, and which checksum their chain continues from.
  CREATE TABLE beginning (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    first_sequence INTEGER NOT NULL,
    checksum_before INTEGER NOT NULL
  ) STRICT;
  INSERT INTO beginning VALUES (1, 1, 0);
  -- chunk_count is the completion marker: while it is null, nobody sees the snapshot.
  CREATE TABLE snapshot (
    snapshot_id INTEGER PRIMARY KEY AUTOINCREMENT,
    sequence INTEGER NOT NULL,
    chunk_count INTEGER
  ) STRICT;
  CREATE TABLE snapshot_chunk (
    chunk_id INTEGER PRIMARY KEY,
    snapshot_id INTEGER NOT NULL REFERENCES snapshot (snapshot_id),
    position INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    chunk TEXT NOT NULL,
    UNIQUE (snapshot_id, position)
  ) STRICT;
`;

/** How much a commit waits for the disk. Anything but FULL exists for tests of the tests. */
export type Synchronous = "FULL" | "NORMAL" | "OFF";

export interface DatabaseOptions {
  readonly directory: string;
  /** How long to wait for another server to let go of the log. */
  readonly lockWaitMs: number;
  readonly synchronous: Synchronous;
}

/** The file that holds the log of a directory. */
export function databaseFile(directory: string): string {
  return join(resolve(directory), "log.db");
}

/** File systems (magic numbers of statfs(2)) whose locks and fsync cannot be trusted. */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xfe534d42, "SMB2"],
  [0xff534d42, "CIFS"],
  [0x01021997, "9P"],
  [0x00c36400, "CephFS"],
  [0x0bd00bd0, "Lustre"],
]);

function syncDirectory(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function prepareFile(directory: string): string {
  const file = databaseFile(directory);
  const created = mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fileSystem = networkFileSystems.get(statfsSync(dirname(file)).type);
  if (fileSystem !== undefined) {
    throw new LogFailed(
      `could not open ${file}: it is on ${fileSystem}, and a log needs a local file system, whose locks and fsync can be trusted`,
    );
  }
  try {
    // "wx" never opens an existing file: closing any descriptor of a file drops every POSIX lock
    // this process has on it, the one of a log already open here included.
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
      throw error;
    }
    return file;
  }
  syncDirectory(dirname(file));
  if (created !== undefined) {
    syncDirectory(dirname(created));
  }
  return file;
}

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

function demandFormat(database: DatabaseSync, file: string): "new" | "current" {
  const foundId = pragma(database, "application_id");
  const foundFormat = Number(pragma(database, "user_version"));
  const tableCount = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"];
  if (foundId === 0 && foundFormat === 0 && tableCount === 0) {
    return "new";
  }
  if (foundId !== applicationId) {
    throw new LogCorrupt(
      `could not open ${file}: it is a database of another program; name another directory`,
      undefined,
    );
  }
  if (foundFormat > formatVersion) {
    throw new LogFromNewerVersion(
      `could not open ${file}: it was written by format ${String(foundFormat)}, this program reads up to ${String(formatVersion)}: start the newer version, or restore a backup made before the upgrade`,
      foundFormat,
      formatVersion,
    );
  }
  return "current";
}

function configure(database: DatabaseSync, file: string, synchronous: Synchronous): void {
  database.exec("PRAGMA journal_mode = WAL");
  database.exec(`PRAGMA synchronous = ${synchronous}`);
  database.exec("PRAGMA trusted_schema = OFF");
  // The worker checkpoints itself, after it has answered: see checkpoint.ts.
  database.exec("PRAGMA wal_autocheckpoint = 0");
  database.exec(`PRAGMA journal_size_limit = ${String(walKeptBytes)}`);
  database.exec("PRAGMA cache_size = -16384");
  const wanted = [
    ["journal_mode", "wal"],
    ["synchronous", { OFF: 0, NORMAL: 1, FULL: 2 }[synchronous]],
    ["locking_mode", "exclusive"],
    ["foreign_keys", 1],
  ] as const;
  for (const [name, value] of wanted) {
    const found = pragma(database, name);
    if (found !== value) {
      throw new LogFailed(
        `could not open ${file}: ${name} is ${String(found)} and must be ${String(value)}; the file system does not support it`,
      );
    }
  }
}

/**
 * Opens or makes the database, holding its lock for as long as it is open: the lock is the
 * kernel's, so a killed server leaves nothing behind.
 */
export function openDatabase(options: DatabaseOptions): DatabaseSync {
  const file = prepareFile(options.directory);
  const database = new DatabaseSync(file, {
    timeout: options.lockWaitMs,
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: false,
    allowExtension: false,
  });
  try {
    database.enableDefensive(true);
    database.exec(`PRAGMA page_size = ${String(pageBytes)}`);
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    // Locks first, looks afterwards; in this locking mode COMMIT does not let go.
    database.exec("BEGIN EXCLUSIVE");
    const state = demandFormat(database, file);
    database.exec("COMMIT");
    configure(database, file, options.synchronous);
    if (state === "new") {
      database.exec("BEGIN IMMEDIATE");
      database.exec(schema);
      database.exec(`PRAGMA application_id = ${String(applicationId)}`);
      database.exec(`PRAGMA user_version = ${String(formatVersion)}`);
      database.exec("COMMIT");
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
