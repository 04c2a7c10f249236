import { createConnection, type Socket } from "node:net";
import type { AttemptKey, Observation } from "@ertis/scheduler-engine";
import type {
  DesiredAttempt,
  DesiredChange,
  Executor,
  MeasuredDraw,
  Reporter,
} from "@ertis/scheduler-runtime";
import { textOf } from "../cluster/attempt-record.ts";
import type { ClusterSite } from "../cluster/node-table.ts";
import { LineReader } from "./line-reader.ts";
import {
  encode,
  encodeChange,
  type FromCluster,
  lightened,
  lightenedSite,
  lineBytesMax,
  parseFromCluster,
  protocolVersion,
} from "./wire.ts";

/** First wait before the next try to connect; doubles up to the maximum. */
const reconnectMs = { first: 50, max: 5_000 } as const;
/** Unsent bytes for a cluster that does not read; the whole wish is sent again when it does. */
const unsentBytesMax = 64 * 2 ** 20;
/** A restart of the cluster process takes less. */
const awayAfterMsDefault = 5_000;

export interface SocketExecutorOptions {
  readonly socketPath: string;
  /** The site the cluster process was started with; handed over to it when the revision is another. */
  readonly site: ClusterSite;
  readonly reporter?: Reporter;
  /** The cluster is reported away when there was no usable connection for so long; 5,000 by default. */
  readonly awayAfterMs?: number;
  /** So often the cluster says what is drawn; absent or 0: never. */
  readonly measureEveryMs?: number;
}

/** Makes a cluster process match what the scheduler wants, across crashes of either side. */
export function createSocketExecutor(options: SocketExecutorOptions): Executor {
  return new RemoteExecutor(options);
}

class RemoteExecutor implements Executor {
  readonly site: string;
  readonly #options: SocketExecutorOptions;
  readonly #desired = new Map<string, DesiredAttempt>();
  readonly #powerOff = new Set<number>();
  readonly #powerOn = new Set<number>();
  /** Attempts seen on the cluster and not yet released: if a new incarnation lacks them, they are gone. */
  readonly #seen = new Map<string, AttemptKey>();
  #generation = 0;
  /** Only a scheduler that has said everything may call the rest unwanted. */
  #knowsEverything = false;
  #incarnation: string | undefined;
  #report: ((observations: readonly Observation[]) => Promise<void>) | undefined;
  #measured: ((draw: MeasuredDraw) => void) | undefined;
  #link: Link | undefined;
  #reconnectTimer: NodeJS.Timeout | undefined;
  /** Runs while there is no usable connection and nothing was said about it yet. */
  #awayTimer: NodeJS.Timeout | undefined;
  #failureCount = 0;
  #isClosed = false;
  /** Reports of one connection after the other, never two at once. */
  #handingOver: Promise<void> = Promise.resolve();

  constructor(options: SocketExecutorOptions) {
    this.#options = options;
    this.site = options.site.id;
  }

  start(
    report: (observations: readonly Observation[]) => Promise<void>,
    measured?: (draw: MeasuredDraw) => void,
  ): void {
    this.#report = report;
    this.#measured = measured;
    this.#expectConnection();
    this.#connect();
  }

  realize(change: DesiredChange): void {
    if (this.#isClosed || change.generation < this.#generation) {
      return;
    }
    this.#remember(change);
    if (this.#link?.isReady === true) {
      this.#sendChange(this.#link, change, []);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#reconnectTimer);
    clearTimeout(this.#awayTimer);
    this.#link?.socket.destroy();
    await this.#handingOver;
  }

  #remember(change: DesiredChange): void {
    this.#generation = change.generation;
    if (change.isComplete) {
      this.#desired.clear();
      this.#powerOff.clear();
      this.#powerOn.clear();
      this.#knowsEverything = true;
    }
    for (const wish of change.attempts) {
      this.#desired.set(textOf(wish.attempt), lightened(wish));
    }
    for (const key of change.forget) {
      this.#desired.delete(textOf(key));
      this.#seen.delete(textOf(key));
    }
    for (const node of change.powerOff) {
      this.#powerOff.add(node);
      this.#powerOn.delete(node);
    }
    for (const node of change.powerOn) {
      this.#powerOn.add(node);
      this.#powerOff.delete(node);
    }
    if (change.isComplete) {
      for (const text of this.#seen.keys()) {
        if (!this.#desired.has(text)) {
          this.#seen.delete(text);
        }
      }
    }
  }

  #connect(): void {
    const socket = createConnection(this.#options.socketPath);
    const link: Link = {
      socket,
      lines: new LineReader(lineBytesMax),
      known: new Set(),
      isReady: false,
    };
    this.#link = link;
    socket.on("connect", () => {
      const { id, revision } = this.#options.site;
      const measureEveryMs = this.#measured === undefined ? 0 : (this.#options.measureEveryMs ?? 0);
      const hello = { protocol: protocolVersion, site: id, revision, measureEveryMs };
      socket.write(encode({ kind: "hello", ...hello }));
    });
    socket.on("data", (chunk) => this.#read(link, chunk));
    socket.on("error", (error) => this.#noteFailure(error.message));
    socket.on("close", () => this.#reconnectLater(link));
  }

  /** Once per outage: a cluster that is away for an hour is one fact, not seven hundred. */
  #noteFailure(message: string): void {
    if (this.#failureCount === 0 && !this.#isClosed) {
      this.#options.reporter?.warn("the connection to the simulated cluster failed", {
        site: this.site,
        socketPath: this.#options.socketPath,
        error: message,
      });
    }
    this.#failureCount += 1;
  }

  #reconnectLater(link: Link): void {
    if (this.#link !== link) {
      return;
    }
    this.#link = undefined;
    if (!this.#isClosed) {
      if (link.isReady) {
        this.#expectConnection();
      }
      const doublings = Math.min(this.#failureCount, 10);
      const waitMs = Math.min(reconnectMs.max, reconnectMs.first * 2 ** doublings);
      this.#reconnectTimer = setTimeout(() => this.#connect(), waitMs);
    }
  }

  #read(link: Link, chunk: Buffer | string): void {
    try {
      for (const line of link.lines.push(Buffer.from(chunk))) {
        this.#take(link, parseFromCluster(line));
      }
    } catch (error) {
      this.#noteFailure(String(error));
      link.socket.destroy();
    }
  }

  #take(link: Link, message: FromCluster): void {
    switch (message.kind) {
      case "measured":
        if (link.isReady && !this.#isClosed) {
          this.#measured?.(message);
        }
        return;
      case "site-wanted":
        this.#options.reporter?.info("the simulated cluster takes over the edited site", {
          site: this.site,
          revisionBefore: message.revision,
          revision: this.#options.site.revision,
        });
        link.socket.write(
          encode({
            kind: "site",
            generation: this.#generation,
            site: lightenedSite(this.#options.site),
          }),
        );
        return;
      case "inventory":
        for (const key of message.attempts) {
          link.known.add(textOf(key));
          this.#seen.set(textOf(key), key);
        }
        if (message.isLast) {
          this.#begin(link, message.incarnation);
        }
        return;
      case "observations":
        this.#enqueue(link, message.items);
        return;
      case "refused":
        this.#options.reporter?.warn("the cluster refused a wish older than one it has accepted", {
          site: this.site,
          generation: message.generation,
          newestGeneration: message.newestGeneration,
        });
        return;
      case "error":
        this.#noteFailure(message.message);
        return;
      case "status":
        return;
    }
  }

  /** The inventory is complete: now the cluster gets everything that is wanted. */
  #begin(link: Link, incarnation: string): void {
    this.#failureCount = 0;
    const isReborn = this.#incarnation !== undefined && this.#incarnation !== incarnation;
    this.#incarnation = incarnation;
    this.#options.reporter?.info("connected to the simulated cluster", {
      site: this.site,
      incarnation,
      knownAttemptCount: link.known.size,
    });
    link.isReady = true;
    const lost = isReborn
      ? [...this.#seen].flatMap(([text, key]) => (link.known.has(text) ? [] : [key]))
      : [];
    if (this.#generation > 0 || lost.length > 0 || this.#knowsEverything) {
      this.#sendChange(link, this.#everything(), lost);
    }
    this.#reportBack(link);
  }

  /** Says once that the cluster is away, unless it is connected before the time is over. */
  #expectConnection(): void {
    clearTimeout(this.#awayTimer);
    this.#awayTimer = setTimeout(() => this.#reportAway(), this.#awayAfterMs);
  }

  #reportAway(): void {
    this.#options.reporter?.warn("the simulated cluster is away; nothing is started on its site", {
      site: this.site,
      awayMs: this.#awayAfterMs,
    });
    this.#inTurn(async () => {
      if (this.#link?.isReady === true || this.#isClosed) {
        return;
      }
      try {
        await this.#report?.([{ kind: "cluster-away" }]);
      } catch (error) {
        this.#noteFailure(`a report was not taken in: ${String(error)}`);
        this.#expectConnection();
      }
    });
  }

  /** After every connect: an earlier scheduler may have left word that the cluster is away. */
  #reportBack(link: Link): void {
    clearTimeout(this.#awayTimer);
    this.#inTurn(async () => {
      if (this.#link !== link || this.#isClosed) {
        return;
      }
      try {
        await this.#report?.([{ kind: "cluster-back" }]);
      } catch (error) {
        this.#noteFailure(`a report was not taken in: ${String(error)}`);
        link.socket.destroy();
      }
    });
  }

  get #awayAfterMs(): number {
    return this.#options.awayAfterMs ?? awayAfterMsDefault;
  }

  #everything(): DesiredChange {
    return {
      generation: this.#generation,
      isComplete: this.#knowsEverything,
      attempts: [...this.#desired.values()],
      forget: [],
      powerOff: [...this.#powerOff],
      powerOn: [...this.#powerOn],
    };
  }

  #sendChange(link: Link, change: DesiredChange, lost: readonly AttemptKey[]): void {
    for (const message of encodeChange(change, lost)) {
      link.socket.write(message);
    }
    if (link.socket.writableLength > unsentBytesMax) {
      this.#noteFailure(
        `${link.socket.writableLength} bytes wait for a cluster that does not read`,
      );
      link.socket.destroy();
    }
  }

  #enqueue(link: Link, items: Extract<FromCluster, { kind: "observations" }>["items"]): void {
    this.#inTurn(async () => {
      // What waited behind a refused report, or belongs to a lost connection, comes again.
      if (this.#link === link && !this.#isClosed && !link.socket.destroyed) {
        await this.#handOver(link, items);
      }
    });
  }

  /** One report after the other. The task never rejects. */
  #inTurn(task: () => Promise<void>): void {
    const before = this.#handingOver;
    this.#handingOver = (async () => {
      await before;
      await task();
    })();
  }

  async #handOver(
    link: Link,
    items: Extract<FromCluster, { kind: "observations" }>["items"],
  ): Promise<void> {
    const last = items.at(-1);
    if (last === undefined || this.#report === undefined) {
      return;
    }
    try {
      await this.#report(items.map((item) => item.observation));
    } catch (error) {
      this.#noteFailure(`a report was not taken in: ${String(error)}`);
      link.socket.destroy();
      return;
    }
    for (const { observation } of items) {
      this.#noteTaken(observation);
    }
    if (link.socket.writable) {
      link.socket.write(encode({ kind: "acknowledge", sequence: last.sequence }));
    }
  }

  #noteTaken(observation: Observation): void {
    switch (observation.kind) {
      case "attempt-running":
        if (this.#desired.has(textOf(observation.attempt))) {
          this.#seen.set(textOf(observation.attempt), observation.attempt);
        }
        return;
      case "node-powered-off":
        this.#powerOff.delete(observation.node);
        return;
      case "attempt-exited":
      case "stop-confirmed":
      case "cap-applied":
      case "checkpointed":
      case "node-lost":
      case "node-ready":
      case "cluster-away":
      case "cluster-back":
      case "supply-lost":
      case "supply-back":
        return;
    }
  }
}

/** One connection, from hello to its end. */
interface Link {
  readonly socket: Socket;
  readonly lines: LineReader;
  /** What the cluster said it knows. */
  readonly known: Set<string>;
  isReady: boolean;
}
