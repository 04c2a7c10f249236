/**
 * A child process that appends to a log until it is killed, and now and then writes a snapshot and
 * trims. Each promise the log makes goes to standard output with a synchronous write, as `row 17`
 * or `snapshot 1000`: what the parent reads was promised.
 *
 * Arguments: the log's directory; `FULL`, `NORMAL` or `OFF`: what the product does, or
 * one of the mistakes of openLogThatForgets.
 */
import { writeSync } from "node:fs";

import { openSqliteEventLog } from "@ertis/event-log";
import { openLogThatForgets } from "@ertis/event-log/testing";
import type { EventLog, Sequence } from "@ertis/scheduler-runtime";

import { payloadOf, snapshotOf } from "./killed-child.ts";

const inFlightMax = 4;
const rowsPerSnapshot = 1_000;
/** Rows kept before a snapshot, so that a trim never takes all of them. */
const rowsKept = 300;

/** Writes a line at once; the pipe does not block, so a full one is tried again a moment later. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) {
        throw error;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

async function* chunksAt(sequence: Sequence): AsyncGenerator<string> {
  yield* snapshotOf(sequence);
}

async function writeSnapshots(log: EventLog, sequence: Sequence): Promise<void> {
  await log.writeSnapshot(sequence, chunksAt(sequence));
  say(`snapshot ${String(sequence)}`);
  await log.trim(sequence - rowsKept);
}

function openAs(directory: string | undefined, synchronous: string | undefined): Promise<EventLog> {
  if (directory !== undefined && synchronous === "FULL") {
    return openSqliteEventLog({ directory });
  }
  if (directory !== undefined && (synchronous === "NORMAL" || synchronous === "OFF")) {
    return openLogThatForgets(directory, synchronous);
  }
  throw new Error("usage: append-until-killed.ts <directory> FULL|NORMAL|OFF");
}

async function main(): Promise<void> {
  const log = await openAs(process.argv[2], process.argv[3]);
  let asked = (await log.range()).last;
  let snapshots = Promise.resolve();
  const appendForever = async (): Promise<never> => {
    for (;;) {
      const expected = asked;
      asked += 1;
      const outcome = await log.append([payloadOf(expected + 1)], expected);
      if (outcome.kind !== "appended") {
        throw new Error(`a conflict with nobody: ${JSON.stringify(outcome)}`);
      }
      const { sequence } = outcome;
      say(`row ${String(sequence)}`);
      if (sequence % rowsPerSnapshot === 0) {
        snapshots = snapshots.then(() => writeSnapshots(log, sequence));
      }
    }
  };
  await Promise.all(Array.from({ length: inFlightMax }, appendForever));
}

await main();
