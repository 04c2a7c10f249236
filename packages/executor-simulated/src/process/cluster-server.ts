import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { nextReadingMs } from "../cluster/draw-meter.ts";
import type { ClusterSite } from "../cluster/cluster-site.ts";
import type { SimulatedCluster } from "../cluster/simulated-cluster.ts";
import { type ChangeAssembly, inPieces } from "./change-pieces.ts";
import { type Connection, newConnection, refuse, send } from "./connection.ts";
import { Malformed } from "./fields.ts";
import { LineTooLong } from "./line-reader.ts";
import type { RealTime } from "./real-time.ts";
import { statusOf } from "./status-of.ts";
import { type ClusterStatus, parseToCluster, protocolVersion, type ToCluster } from "./wire.ts";

/** Reports sent and not yet acknowledged: enough to keep a group commit busy. */
const unacknowledgedMax = 4_000;
const observationsPerMessageMax = 500;
/** An executor, its successor, and a few who ask for the status. */
const connectionsMax = 16;

export interface ClusterServerOptions {
  readonly cluster: SimulatedCluster;
  /** Names this life of the cluster: what ran in another one is gone. */
  readonly incarnation: string;
  readonly socketPath: string;
  readonly time: RealTime;
}

export interface ClusterServer {
  close(): Promise<void>;
}

/**
 * Serves a cluster on a Unix socket that only its owner may open.
 *
 * @throws when the socket cannot be listened on, for example because the path is taken
 */
export async function serveCluster(options: ClusterServerOptions): Promise<ClusterServer> {
  const server = new SocketServer(options);
  await server.listen(options.socketPath);
  return server;
}

class SocketServer implements ClusterServer {
  readonly #options: ClusterServerOptions;
  readonly #cluster: SimulatedCluster;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  /** The newest one that said hello; the generation makes a confusion of two harmless. */
  #executor: Connection | undefined;
  /** When the meters are read next. */
  #measuresAtMs = Infinity;

  constructor(options: ClusterServerOptions) {
    this.#options = options;
    this.#cluster = options.cluster;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = connectionsMax;
  }

  async listen(socketPath: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(socketPath, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
    chmodSync(socketPath, 0o600);
    this.#pump();
  }

  async close(): Promise<void> {
    this.#options.time.wakeAt(undefined, () => {});
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const { socket } of this.#connections) {
      socket.destroy();
    }
    await closed;
  }

  #accept(socket: Socket): void {
    const connection = newConnection(socket);
    this.#connections.add(connection);
    socket.on("data", (chunk) => this.#read(connection, chunk));
    socket.on("drain", () => this.#pump());
    // A broken connection is an ordinary end: the executor comes back and gets everything again.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#connections.delete(connection);
      if (this.#executor === connection) {
        this.#executor = undefined;
      }
    });
  }

  #read(connection: Connection, chunk: Buffer | string): void {
    if (connection.isRefused) {
      return;
    }
    try {
      for (const line of connection.lines.push(Buffer.from(chunk))) {
        this.#take(connection, parseToCluster(line));
        if (connection.isRefused) {
          return;
        }
      }
    } catch (error) {
      if (!(error instanceof Malformed || error instanceof LineTooLong)) {
        throw error;
      }
      this.#refuse(connection, error.message);
    }
  }

  #refuse(connection: Connection, message: string): void {
    if (this.#executor === connection) {
      this.#executor = undefined;
    }
    refuse(connection, message);
  }

  #take(connection: Connection, message: ToCluster): void {
    if (message.kind === "get-status") {
      send(connection, this.#status());
    } else if (message.kind === "hello") {
      this.#greet(connection, message);
    } else if (message.kind === "site" && connection.isSiteWanted) {
      this.#takeSite(connection, message.generation, message.site);
    } else if (this.#executor !== connection || message.kind === "site") {
      this.#refuse(connection, "say hello first; a newer executor may have taken over");
    } else if (message.kind === "acknowledge") {
      this.#cluster.acknowledge(message.sequence);
      this.#pump();
    } else {
      const whole = connection.assembly.add(message);
      if (whole !== undefined) {
        this.#realize(connection, whole);
      }
    }
  }

  #greet(connection: Connection, hello: Extract<ToCluster, { kind: "hello" }>): void {
    const { site } = this.#cluster;
    if (hello.protocol !== protocolVersion) {
      this.#refuse(
        connection,
        `protocol ${hello.protocol} is not ${protocolVersion}, which this cluster speaks: process ${process.pid} has to end before one of the scheduler's version can start here`,
      );
      return;
    }
    if (hello.site !== site.id) {
      this.#refuse(
        connection,
        `this is a cluster of ${site.id}; process ${process.pid} has to end before one for ${hello.site} can start here`,
      );
      return;
    }
    connection.measureEveryMs = hello.measureEveryMs;
    if (hello.revision === site.revision) {
      this.#welcome(connection);
    } else {
      connection.isSiteWanted = true;
      send(connection, { kind: "site-wanted", revision: site.revision });
    }
  }

  /** The site file was edited. Only a scheduler that is not behind may say how the site is now. */
  #takeSite(connection: Connection, generation: number, site: ClusterSite): void {
    connection.isSiteWanted = false;
    const newest = this.#cluster.inventory().generation;
    if (generation < newest) {
      this.#refuse(
        connection,
        `the site of generation ${generation} is older than generation ${newest}, which was accepted`,
      );
      return;
    }
    const result = this.#cluster.takeSite(site, this.#options.time.nowMs());
    if (result.kind === "refused") {
      this.#refuse(
        connection,
        `revision ${site.revision} of the site cannot be taken over: ${result.reasons.join("; ")}`,
      );
      return;
    }
    this.#welcome(connection);
  }

  #welcome(connection: Connection): void {
    if (this.#executor !== undefined && this.#executor !== connection) {
      this.#refuse(this.#executor, "another executor took over");
    }
    this.#executor = connection;
    this.#measuresAtMs = this.#nextReadingMs(connection);
    const inventory = this.#cluster.inventory();
    const pieces = inPieces(inventory.attempts.map((each) => each.attempt));
    for (const [position, attempts] of pieces.entries()) {
      send(connection, {
        kind: "inventory",
        incarnation: this.#options.incarnation,
        generation: inventory.generation,
        attempts,
        isLast: position === pieces.length - 1,
      });
    }
    this.#pump();
  }

  #realize(connection: Connection, whole: NonNullable<ReturnType<ChangeAssembly["add"]>>): void {
    const nowMs = this.#options.time.nowMs();
    this.#cluster.declareLost(whole.lost, nowMs);
    const result = this.#cluster.realize(whole.change, nowMs);
    if (result.kind === "refused-old-generation") {
      send(connection, {
        kind: "refused",
        generation: whole.change.generation,
        newestGeneration: result.newestGeneration,
      });
    }
    this.#pump();
  }

  /** Lets happen what is due, sends what is new, and comes back when the next thing is due. */
  #pump(): void {
    this.#cluster.advance(this.#options.time.nowMs());
    if (this.#executor !== undefined) {
      this.#sendReports(this.#executor);
      this.#sendMeasured(this.#executor);
    }
    const measuresAtMs = this.#executor === undefined ? Infinity : this.#measuresAtMs;
    const nextMs = Math.min(this.#cluster.nextEventAt() ?? Infinity, measuresAtMs);
    this.#options.time.wakeAt(nextMs === Infinity ? undefined : nextMs, () => this.#pump());
  }

  #nextReadingMs({ measureEveryMs }: Connection): number {
    return measureEveryMs === 0
      ? Infinity
      : nextReadingMs(this.#options.time.nowMs(), measureEveryMs);
  }

  /** Whoever does not read gets no measurement: the next one covers the time of those left out. */
  #sendMeasured(connection: Connection): void {
    const nowMs = this.#options.time.nowMs();
    if (nowMs < this.#measuresAtMs) {
      return;
    }
    this.#measuresAtMs = this.#nextReadingMs(connection);
    const isReading = connection.socket.writable && !connection.socket.writableNeedDrain;
    const draw = isReading ? this.#cluster.measure(nowMs) : undefined;
    if (draw !== undefined) {
      send(connection, { kind: "measured", ...draw });
    }
  }

  #sendReports(connection: Connection): void {
    while (connection.socket.writable && !connection.socket.writableNeedDrain) {
      const oldest = this.#cluster.observations(0, 1)[0]?.sequence ?? 0;
      const roomCount = unacknowledgedMax - Math.max(0, connection.sentSequence - oldest + 1);
      const items = this.#cluster.observations(
        connection.sentSequence,
        Math.min(observationsPerMessageMax, Math.max(0, roomCount)),
      );
      const last = items.at(-1);
      if (last === undefined) {
        return;
      }
      connection.sentSequence = last.sequence;
      send(connection, {
        kind: "observations",
        items: items.map(({ sequence, observation }) => ({ sequence, observation })),
      });
    }
  }

  #status(): ClusterStatus {
    this.#pump();
    return statusOf(this.#cluster, this.#options.incarnation);
  }
}
