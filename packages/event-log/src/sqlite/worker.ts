import { workerData } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";

import type { DatabaseOptions } from "./database.ts";
import { LogServer } from "./log-server.ts";
import { RequestLoop, sendReply } from "./request-loop.ts";
import { toWire } from "./wire-error.ts";

/** What the thread that starts this worker passes to it. */
export interface WorkerInput {
  readonly database: DatabaseOptions;
  readonly port: MessagePort;
}

function start(input: WorkerInput): void {
  try {
    new RequestLoop(new LogServer(input.database)).serve(input.port);
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    sendReply(input.port, { kind: "failed", id: undefined, error: toWire(failure) });
    input.port.close();
  }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only open.ts starts this file, with a WorkerInput
start(workerData as WorkerInput);
