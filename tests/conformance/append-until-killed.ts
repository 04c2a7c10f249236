/**
 * A child process that appends to a log until it is killed, and writes each acknowledged sequence
 * to its standard output, with a synchronous write: what the parent reads was promised.
 *
 * Arguments: the log's directory; `keeps` or `forgets` (see openLogThatForgets).
 */
import { writeSync } from "node:fs";

import { openSqliteEventLog } from "@ertis/event-log";
import { openLogThatForgets } from "@ertis/event-log/testing";
import type { EventLog } from "@ertis/scheduler-runtime";

import { payloadOf } from "./killed-child.ts";

const inFlightMax = 4;

async function main(): Promise<void> {
  const [directory, durability] = process.argv.slice(2);
  if (directory === undefined || (durability !== "keeps" && durability !== "forgets")) {
    throw new Error("usage: append-until-killed.ts <directory> keeps|forgets");
  }
  const log: EventLog = await (durability === "keeps"
    ? openSqliteEventLog({ directory })
    : openLogThatForgets(directory));
  let asked = (await log.range()).last;
  const appendForever = async (): Promise<never> => {
    for (;;) {
      const expected = asked;
      asked += 1;
      const outcome = await log.append([payloadOf(expected + 1)], expected);
      if (outcome.kind !== "appended") {
        throw new Error(`a conflict with nobody: ${JSON.stringify(outcome)}`);
      }
      writeSync(1, `${String(outcome.sequence)}\n`);
    }
  };
  await Promise.all(Array.from({ length: inFlightMax }, appendForever));
}

await main();
