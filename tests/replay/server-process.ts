import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { WriterTimings } from "@ertis/scheduler-runtime";

/** What a replay's server is told. */
export interface ServerTask {
  /** Holds the log. */
  readonly dataDirectory: string;
  readonly siteFile: string;
  readonly siteText: string;
  /** Of the simulated cluster. */
  readonly seed: number;
  /** Where the stepped clock begins; a log with a history goes on where it ends. */
  readonly clockStartMs: number;
  readonly walltimeMsMax: number;
}

/** What it found out about itself. */
export interface ServerFigures {
  readonly writer: WriterTimings;
  /** Highest resident memory, with the simulated cluster and the log's thread. */
  readonly peakMemoryBytes: number;
  /** Lines it wrote for its operator, for example that a report was not taken. */
  readonly warningCount: number;
}

export type ServerMessage =
  | { readonly kind: "serving"; readonly address: string }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "closed"; readonly figures: ServerFigures };

/** The scheduler in a process of its own. */
export interface ServerProcess {
  /** `host:port`. */
  readonly address: string;
  /** From the start of the process until it answered. */
  readonly startMs: number;
  /** Ends it as a signal would, and says what it found. Safe to call again. */
  close(): Promise<ServerFigures>;
}

const program = fileURLToPath(new URL("server.ts", import.meta.url));

/**
 * Starts the server on a free port of this machine.
 *
 * @throws Error with the server's own words when it does not come up
 */
export async function startServer(task: ServerTask): Promise<ServerProcess> {
  const began = performance.now();
  const child = fork(program, [JSON.stringify(task)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const serving = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<ServerFigures>();
  // Looked at only by whoever closes; a server that dies earlier is noticed by its callers.
  closed.promise.catch(() => {});
  child.on("message", (message) => {
    // Sent by server.ts beside this file.
    const told = message as ServerMessage;
    switch (told.kind) {
      case "serving":
        serving.resolve(told.address);
        return;
      case "closed":
        closed.resolve(told.figures);
        return;
      case "failed":
        serving.reject(new Error(told.message));
    }
  });
  child.once("exit", (code, signal) => {
    const gone = new Error(`the server ended with ${signal ?? `code ${code}`}`);
    serving.reject(gone);
    closed.reject(gone);
  });
  const address = await serving.promise;
  let isClosing = false;
  return {
    address,
    startMs: performance.now() - began,
    close: async () => {
      if (!isClosing && child.connected) {
        isClosing = true;
        child.send({ kind: "close" });
      }
      return closed.promise;
    },
  };
}
