import type { MessagePort, Transferable } from "node:worker_threads";

import { LogClosed } from "../errors.ts";
import type { OperationKind, Operations, Reply } from "./protocol.ts";
import { fromWire } from "./wire-error.ts";

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** Questions and answers over a port to the log's worker. */
export class LogClient {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ready: Promise<void>;
  #nextId = 1;
  #closedBecause: Error | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#ready = promise;
    this.#waiting.set(0, { resolve: () => resolve(undefined), reject });
    // Whoever never asks for readiness still learns of the failure by the first answer.
    promise.catch(() => {});
    port.on("message", (reply: Reply) => this.#receive(reply));
    port.on("close", () => {
      this.fail(new LogClosed("the log was closed while an answer was awaited"));
    });
  }

  /** Resolves when the log is open, rejects with the reason when it cannot be opened. */
  ready(): Promise<void> {
    return this.#ready;
  }

  ask<Kind extends OperationKind>(
    kind: Kind,
    ask: Operations[Kind]["ask"],
    transfer: readonly Transferable[] = [],
  ): Promise<Operations[Kind]["answer"]> {
    if (this.#closedBecause !== undefined) {
      return Promise.reject(
        new LogClosed(`could not ${kind}: the log is closed`, { cause: this.#closedBecause }),
      );
    }
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise<Operations[Kind]["answer"]>((resolve, reject) => {
      this.#waiting.set(id, {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the worker answers each kind with its own type
        resolve: (answer) => resolve(answer as Operations[Kind]["answer"]),
        reject,
      });
      this.#port.postMessage({ id, kind, ask }, transfer);
    });
  }

  /** Everything awaited, and everything asked from now on, fails with this. */
  fail(error: Error): void {
    this.#closedBecause ??= error;
    for (const waiting of this.#waiting.values()) {
      waiting.reject(this.#closedBecause);
    }
    this.#waiting.clear();
    this.#port.close();
  }

  #receive(reply: Reply): void {
    const id = reply.kind === "ready" ? 0 : (reply.id ?? 0);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (reply.kind === "failed") {
      waiting?.reject(fromWire(reply.error));
    } else {
      waiting?.resolve(reply.kind === "ready" ? undefined : reply.answer);
    }
  }
}
