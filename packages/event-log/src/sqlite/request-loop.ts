import { setImmediate } from "node:timers";
import type { MessagePort } from "node:worker_threads";

import type { LogServer } from "./log-server.ts";
import type { OperationKind, Operations, Reply, Request, RequestOf } from "./protocol.ts";
import { toWire } from "./wire-error.ts";

interface Pending<Asked extends Request> {
  readonly port: MessagePort;
  readonly request: Asked;
}

type SlowKind = Exclude<OperationKind, "append">;

export function sendReply(port: MessagePort, reply: Reply): void {
  port.postMessage(reply);
}

/**
 * Serves the clients of one log. Each turn commits every append that is waiting, then does at most
 * one piece of anything else, so that a reader, a snapshot or a trim delays an append by one piece.
 */
export class RequestLoop {
  readonly #log: LogServer;
  readonly #ports = new Set<MessagePort>();
  #appends: Pending<RequestOf<"append">>[] = [];
  readonly #others: Pending<RequestOf<SlowKind>>[] = [];
  #isScheduled = false;
  #isClosed = false;

  constructor(log: LogServer) {
    this.#log = log;
    this.#schedule();
  }

  serve(port: MessagePort): void {
    this.#ports.add(port);
    port.on("message", (request: Request) => {
      if (request.kind === "append") {
        this.#appends.push({ port, request });
      } else {
        this.#others.push({ port, request });
      }
      this.#schedule();
    });
    port.on("close", () => this.#ports.delete(port));
    sendReply(port, { kind: "ready" });
  }

  #schedule(): void {
    if (!this.#isScheduled && !this.#isClosed) {
      this.#isScheduled = true;
      setImmediate(() => this.#turn());
    }
  }

  #turn(): void {
    this.#isScheduled = false;
    this.#commitAppends();
    const next = this.#others.shift();
    if (next !== undefined) {
      this.#answer(next);
    } else if (this.#log.isUntidy()) {
      this.#log.tidy();
    }
    if (this.#others.length > 0 || this.#log.isUntidy()) {
      this.#schedule();
    }
  }

  #commitAppends(): void {
    const pending = this.#appends;
    if (pending.length === 0) {
      return;
    }
    this.#appends = [];
    const results = this.#log.append(pending.map(({ request }) => request));
    for (const [index, { port, request }] of pending.entries()) {
      const result = results[index];
      if (result?.kind === "answer") {
        sendReply(port, { kind: "answer", id: request.id, answer: result.answer });
      } else if (result !== undefined) {
        sendReply(port, { kind: "failed", id: request.id, error: toWire(result.error) });
      }
    }
  }

  #answer(pending: Pending<RequestOf<SlowKind>>): void {
    const { port, request } = pending;
    try {
      const answer = this.#perform(pending);
      sendReply(port, { kind: "answer", id: request.id, answer });
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      sendReply(port, { kind: "failed", id: request.id, error: toWire(failure) });
    }
    if (this.#isClosed) {
      for (const each of this.#ports) {
        each.close();
      }
    }
  }

  #perform({ request }: Pending<RequestOf<SlowKind>>): Operations[SlowKind]["answer"] {
    const log = this.#log;
    switch (request.kind) {
      case "read":
        return log.read(request.ask.afterSequence);
      case "range":
        return log.range();
      case "latestSnapshot":
        return log.latestSnapshot();
      case "readChunk":
        return log.readChunk(request.ask.snapshotId, request.ask.position);
      case "beginSnapshot":
        return log.beginSnapshot(request.ask.sequence);
      case "writeChunk":
        return log.writeChunk(request.ask.snapshotId, request.ask.chunk);
      case "completeSnapshot":
        return log.completeSnapshot(request.ask.snapshotId);
      case "abandonSnapshot":
        return log.abandonSnapshot(request.ask.snapshotId);
      case "trim":
        return log.trim(request.ask.upTo);
      case "connect":
        this.serve(request.ask.port);
        return "done";
      case "close":
        this.#isClosed = true;
        log.close();
        return "done";
    }
  }
}
