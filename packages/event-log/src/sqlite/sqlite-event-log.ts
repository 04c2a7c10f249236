import { MessageChannel } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";

import type {
  EventLog,
  LogConflict,
  LogRow,
  Sequence,
  StoredSnapshot,
} from "@ertis/scheduler-runtime";

import { LogClosed } from "../errors.ts";
import { LogClient } from "./client.ts";
import type { Operations, SnapshotHeader } from "./protocol.ts";

/**
 * An {@link EventLog} whose rows live in SQLite, behind the one worker thread that holds the
 * database. Any number of threads may hold one of these on the same log: see `openPort`.
 */
export class SqliteEventLog implements EventLog {
  readonly #client: LogClient;
  readonly #end: (client: LogClient) => Promise<void>;
  #closing: Promise<void> | undefined;

  /** @param end how to let go: close the log for everybody, or only hang up */
  constructor(client: LogClient, end: (client: LogClient) => Promise<void>) {
    this.#client = client;
    this.#end = end;
  }

  append(
    payloads: readonly string[],
    expectedSequence: Sequence,
  ): Promise<{ readonly kind: "appended"; readonly sequence: Sequence } | LogConflict> {
    return this.#client.ask("append", { payloads, expectedSequence });
  }

  async *read(afterSequence: Sequence): AsyncGenerator<LogRow, void, undefined> {
    for await (const batch of this.#batches(afterSequence)) {
      let sequence = batch.firstSequence;
      for (const payload of batch.payloads) {
        yield { sequence, payload };
        sequence += 1;
      }
    }
  }

  range(): Promise<{ readonly first: Sequence; readonly last: Sequence }> {
    return this.#client.ask("range", {});
  }

  async latestSnapshot(): Promise<StoredSnapshot | undefined> {
    const header = await this.#client.ask("latestSnapshot", {});
    if (header === undefined) {
      return undefined;
    }
    const readChunks = (): AsyncGenerator<string, void, undefined> => this.#chunks(header);
    return { sequence: header.sequence, chunks: readChunks };
  }

  async writeSnapshot(sequence: Sequence, chunks: AsyncIterable<string>): Promise<void> {
    const client = this.#client;
    const snapshotId = await client.ask("beginSnapshot", { sequence });
    try {
      for await (const chunk of chunks) {
        await client.ask("writeChunk", { snapshotId, chunk });
      }
      await client.ask("completeSnapshot", { snapshotId });
    } catch (error) {
      // What was written stays invisible either way; this only frees it sooner.
      client.ask("abandonSnapshot", { snapshotId }).catch(() => {});
      throw error;
    }
  }

  async trim(upTo: Sequence): Promise<void> {
    await this.#client.ask("trim", { upTo });
  }

  /**
   * A port to the same log, to be transferred to another thread, which makes an event log of it
   * with {@link attachSqliteEventLog}: reading the past or writing a snapshot there costs this
   * thread nothing.
   */
  async openPort(): Promise<MessagePort> {
    const { port1, port2 } = new MessageChannel();
    await this.#client.ask("connect", { port: port1 }, [port1]);
    return port2;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end(this.#client);
    return this.#closing;
  }

  /** One batch is on its way while the one before it is being consumed, and never more. */
  async *#batches(
    afterSequence: Sequence,
  ): AsyncGenerator<Operations["read"]["answer"], void, undefined> {
    const ask = (after: Sequence): Promise<Operations["read"]["answer"]> =>
      quietly(this.#client.ask("read", { afterSequence: after }));
    let next: Promise<Operations["read"]["answer"]> | undefined = ask(afterSequence);
    while (next !== undefined) {
      const batch: Operations["read"]["answer"] = await next;
      next = batch.isEnd ? undefined : ask(batch.firstSequence + batch.payloads.length - 1);
      yield batch;
    }
  }

  async *#chunks(header: SnapshotHeader): AsyncGenerator<string, void, undefined> {
    const { snapshotId, chunkCount } = header;
    const ask = (position: number): Promise<string> | undefined =>
      position < chunkCount
        ? quietly(this.#client.ask("readChunk", { snapshotId, position }))
        : undefined;
    let next = ask(0);
    for (let position = 1; next !== undefined; position += 1) {
      const chunk: string = await next;
      next = ask(position);
      yield chunk;
    }
  }
}

/** A prefetch that its reader abandons may fail unseen; whoever awaits it still sees the failure. */
function quietly<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}

/** The log behind a port of {@link SqliteEventLog.openPort}; closing it only hangs up. */
export async function attachSqliteEventLog(port: MessagePort): Promise<SqliteEventLog> {
  const client = new LogClient(port);
  await client.ready();
  return new SqliteEventLog(client, (each) => {
    each.fail(new LogClosed("this thread has let go of the log"));
    return Promise.resolve();
  });
}
