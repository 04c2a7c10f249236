import { createConnection, type Socket } from "node:net";
import { LineReader } from "./line-reader.ts";
import {
  encode,
  type FromCluster,
  lineBytesMax,
  parseFromCluster,
  type ToCluster,
} from "./wire.ts";

/** First wait before the next try to connect; doubles up to the maximum. */
const reconnectMs = { first: 50, max: 5_000 } as const;
/** Unsent bytes for a cluster that does not read; the whole wish is sent again when it does. */
const unsentBytesMax = 64 * 2 ** 20;

/** One connection, from hello to its end. */
export interface Link {
  readonly socket: Socket;
  readonly lines: LineReader;
  /** What the cluster said it knows. */
  readonly known: Set<string>;
  isReady: boolean;
}

export interface ClusterLinkOptions {
  readonly socketPath: string;
  hello(): Extract<ToCluster, { kind: "hello" }>;
  take(link: Link, message: FromCluster): void;
  /** A usable connection has ended. */
  lost(): void;
  /** Once per outage: a cluster that is away for an hour is one fact, not seven hundred. */
  failed(message: string): void;
}

/** Connects to the cluster again and again until it is closed, with growing waits. */
export class ClusterLink {
  readonly #options: ClusterLinkOptions;
  #link: Link | undefined;
  #reconnectTimer: NodeJS.Timeout | undefined;
  #failureCount = 0;
  #isClosed = false;

  constructor(options: ClusterLinkOptions) {
    this.#options = options;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The connection over which the cluster takes wishes; undefined: there is none just now. */
  get ready(): Link | undefined {
    return this.#link?.isReady === true ? this.#link : undefined;
  }

  isCurrent(link: Link): boolean {
    return this.#link === link && !this.#isClosed;
  }

  connect(): void {
    const socket = createConnection(this.#options.socketPath);
    const link: Link = {
      socket,
      lines: new LineReader(lineBytesMax),
      known: new Set(),
      isReady: false,
    };
    this.#link = link;
    socket.on("connect", () => socket.write(encode(this.#options.hello())));
    socket.on("data", (chunk) => this.#read(link, chunk));
    socket.on("error", (error) => this.noteFailure(error.message));
    socket.on("close", () => this.#reconnectLater(link));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#reconnectTimer);
    this.#link?.socket.destroy();
  }

  /** The cluster has said all it knows: wishes may be sent. */
  markReady(link: Link): void {
    this.#failureCount = 0;
    link.isReady = true;
  }

  noteFailure(message: string): void {
    if (this.#failureCount === 0 && !this.#isClosed) {
      this.#options.failed(message);
    }
    this.#failureCount += 1;
  }

  send(link: Link, lines: readonly string[]): void {
    for (const line of lines) {
      link.socket.write(line);
    }
    if (link.socket.writableLength > unsentBytesMax) {
      this.noteFailure(`${link.socket.writableLength} bytes wait for a cluster that does not read`);
      link.socket.destroy();
    }
  }

  #read(link: Link, chunk: Buffer | string): void {
    try {
      for (const line of link.lines.push(Buffer.from(chunk))) {
        this.#options.take(link, parseFromCluster(line));
      }
    } catch (error) {
      this.noteFailure(String(error));
      link.socket.destroy();
    }
  }

  #reconnectLater(link: Link): void {
    if (this.#link !== link) {
      return;
    }
    this.#link = undefined;
    if (!this.#isClosed) {
      if (link.isReady) {
        this.#options.lost();
      }
      const doublings = Math.min(this.#failureCount, 10);
      const waitMs = Math.min(reconnectMs.max, reconnectMs.first * 2 ** doublings);
      this.#reconnectTimer = setTimeout(() => this.connect(), waitMs);
    }
  }
}
