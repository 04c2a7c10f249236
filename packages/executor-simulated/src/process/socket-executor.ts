import type { AttemptKey, Observation } from "@ertis/scheduler-engine";
import type { DesiredChange, Executor, MeasuredDraw, Reporter } from "@ertis/scheduler-runtime";
import { textOf } from "../cluster/attempt-record.ts";
import type { ClusterSite } from "../cluster/cluster-site.ts";
import { encodeChange } from "./change-pieces.ts";
import type { ClusterSupervisor } from "./cluster-supervisor.ts";
import { ClusterLink, type Link } from "./cluster-link.ts";
import { RememberedWish } from "./remembered-wish.ts";
import { lightenedSite } from "./site-fields.ts";
import { encode, type FromCluster, protocolVersion, type ToCluster } from "./wire.ts";

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
  /** Starts the cluster process again when it has ended; absent: somebody else does. */
  readonly supervisor?: ClusterSupervisor;
}

/** Makes a cluster process match what the scheduler wants, across crashes of either side. */
export function createSocketExecutor(options: SocketExecutorOptions): Executor {
  return new RemoteExecutor(options);
}

class RemoteExecutor implements Executor {
  readonly site: string;
  readonly #options: SocketExecutorOptions;
  readonly #wish: RememberedWish = new RememberedWish();
  readonly #connection: ClusterLink;
  #incarnation: string | undefined;
  #report: ((observations: readonly Observation[]) => Promise<void>) | undefined;
  #measured: ((draw: MeasuredDraw) => void) | undefined;
  /** Runs while there is no usable connection and nothing was said about it yet. */
  #awayTimer: NodeJS.Timeout | undefined;
  /** Reports of one connection after the other, never two at once. */
  #handingOver: Promise<void> = Promise.resolve();

  constructor(options: SocketExecutorOptions) {
    this.#options = options;
    this.site = options.site.id;
    this.#connection = new ClusterLink({
      socketPath: options.socketPath,
      hello: () => this.#hello(),
      take: (link, message) => this.#take(link, message),
      lost: () => {
        this.#expectConnection();
        options.supervisor?.lost();
      },
      failed: (message) =>
        options.reporter?.warn("the connection to the simulated cluster failed", {
          site: this.site,
          socketPath: options.socketPath,
          error: message,
        }),
    });
  }

  start(
    report: (observations: readonly Observation[]) => Promise<void>,
    measured?: (draw: MeasuredDraw) => void,
  ): void {
    this.#report = report;
    this.#measured = measured;
    this.#expectConnection();
    this.#connection.connect();
  }

  realize(change: DesiredChange): void {
    if (this.#connection.isClosed || change.generation < this.#wish.generation) {
      return;
    }
    this.#wish.add(change);
    if (this.#connection.ready !== undefined) {
      this.#connection.send(this.#connection.ready, encodeChange(change, []));
    }
  }

  async close(): Promise<void> {
    this.#connection.close();
    clearTimeout(this.#awayTimer);
    await this.#options.supervisor?.close();
    await this.#handingOver;
  }

  #hello(): Extract<ToCluster, { kind: "hello" }> {
    const { id, revision } = this.#options.site;
    const measureEveryMs = this.#measured === undefined ? 0 : (this.#options.measureEveryMs ?? 0);
    return { kind: "hello", protocol: protocolVersion, site: id, revision, measureEveryMs };
  }

  #take(link: Link, message: FromCluster): void {
    switch (message.kind) {
      case "measured":
        if (link.isReady && !this.#connection.isClosed) {
          this.#measured?.(message);
        }
        return;
      case "site-wanted":
        this.#sendSite(link, message.revision);
        return;
      case "inventory":
        for (const key of message.attempts) {
          link.known.add(textOf(key));
          this.#wish.see(key);
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
        this.#connection.noteFailure(message.message);
        return;
      case "status":
        return;
    }
  }

  #sendSite(link: Link, revisionBefore: string): void {
    const { site, reporter } = this.#options;
    reporter?.info("the simulated cluster takes over the edited site", {
      site: this.site,
      revisionBefore,
      revision: site.revision,
    });
    const { generation } = this.#wish;
    link.socket.write(encode({ kind: "site", generation, site: lightenedSite(site) }));
  }

  /** The inventory is complete: now the cluster gets everything that is wanted. */
  #begin(link: Link, incarnation: string): void {
    const isReborn = this.#incarnation !== undefined && this.#incarnation !== incarnation;
    this.#incarnation = incarnation;
    this.#options.reporter?.info("connected to the simulated cluster", {
      site: this.site,
      incarnation,
      knownAttemptCount: link.known.size,
    });
    this.#connection.markReady(link);
    this.#options.supervisor?.back();
    const lost: readonly AttemptKey[] = isReborn ? this.#wish.seenOutside(link.known) : [];
    if (lost.length > 0 || !this.#wish.isEmpty) {
      this.#connection.send(link, encodeChange(this.#wish.everything(), lost));
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
      if (this.#connection.ready !== undefined || this.#connection.isClosed) {
        return;
      }
      if (!(await this.#isTakenIn([{ kind: "cluster-away" }]))) {
        this.#expectConnection();
      }
    });
  }

  /** After every connect: an earlier scheduler may have left word that the cluster is away. */
  #reportBack(link: Link): void {
    clearTimeout(this.#awayTimer);
    this.#inTurn(async () => {
      if (
        this.#connection.isCurrent(link) &&
        !(await this.#isTakenIn([{ kind: "cluster-back" }]))
      ) {
        link.socket.destroy();
      }
    });
  }

  get #awayAfterMs(): number {
    return this.#options.awayAfterMs ?? awayAfterMsDefault;
  }

  #enqueue(link: Link, items: Extract<FromCluster, { kind: "observations" }>["items"]): void {
    this.#inTurn(async () => {
      // What waited behind a refused report, or belongs to a lost connection, comes again.
      if (this.#connection.isCurrent(link) && !link.socket.destroyed) {
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
    if (!(await this.#isTakenIn(items.map((item) => item.observation)))) {
      link.socket.destroy();
      return;
    }
    for (const { observation } of items) {
      this.#wish.noteTaken(observation);
    }
    if (link.socket.writable) {
      link.socket.write(encode({ kind: "acknowledge", sequence: last.sequence }));
    }
  }

  /** Hands observations over; false: the scheduler did not take them in. */
  async #isTakenIn(observations: readonly Observation[]): Promise<boolean> {
    try {
      await this.#report?.(observations);
      return true;
    } catch (error) {
      this.#connection.noteFailure(`a report was not taken in: ${String(error)}`);
      return false;
    }
  }
}
