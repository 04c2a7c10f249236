/** A thread that reads a log over the port it is given, and writes what it counted as a snapshot. */
import { MessagePort, workerData } from "node:worker_threads";

import { attachSqliteEventLog } from "@ertis/event-log";

async function* onlyChunk(chunk: string): AsyncGenerator<string> {
  yield chunk;
}

async function main(): Promise<void> {
  if (!(workerData instanceof MessagePort)) {
    throw new TypeError("this thread needs a port of an event log");
  }
  const log = await attachSqliteEventLog(workerData);
  let count = 0;
  for await (const { sequence } of log.read(0)) {
    count += 1;
    if (sequence !== count) {
      throw new Error(`row ${String(sequence)} came in place of row ${String(count)}`);
    }
  }
  await log.writeSnapshot(count, onlyChunk(`${String(count)} rows were read`));
  await log.close();
}

await main();
