import type { AttemptKey } from "@ertis/scheduler-engine";
import type { DesiredChange, MeasuredDraw } from "@ertis/scheduler-runtime";
import type { AttemptPhase } from "./attempt-record.ts";
import type { ClusterSite } from "./cluster-site.ts";
import type { NodeState } from "./node-table.ts";
import type { NumberedObservation } from "./outbox.ts";
import type { Physics } from "./physics.ts";
import type { Violation } from "./violations.ts";

/** What is really there, sorted. */
export interface ClusterInventory {
  /** Generation of the newest accepted wish. */
  readonly generation: number;
  readonly attempts: readonly {
    readonly attempt: AttemptKey;
    readonly phase: AttemptPhase;
    /** Nodes that it still holds. */
    readonly nodes: readonly number[];
  }[];
  /** Nodes that are not up. */
  readonly nodes: readonly { readonly node: number; readonly state: NodeState }[];
}

export type RealizeResult =
  | { readonly kind: "accepted" }
  /** The wish is older than one already accepted; nothing was done. */
  | { readonly kind: "refused-old-generation"; readonly newestGeneration: number };

export type TakeSiteResult =
  | { readonly kind: "taken" }
  /** Nothing has changed. */
  | { readonly kind: "refused"; readonly reasons: readonly string[] };

/** An imaginary cluster. Synchronous and without a clock: every moment comes in, and never goes back. */
export interface SimulatedCluster {
  readonly site: ClusterSite;
  /** Lets happen what is due, then takes the wish. Safe to repeat. */
  realize(change: DesiredChange, nowMs: number): RealizeResult;
  /**
   * Goes on with another revision of its site. Nodes are known by their ids: what runs keeps its nodes,
   * whose positions may change, also in reports that wait; new nodes are off until a complete wish grants
   * them. Refused while a node that goes, or gets other GPUs, holds anything.
   */
  takeSite(site: ClusterSite, nowMs: number): TakeSiteResult;
  /** Attempts that ran in an earlier life of this cluster: reported as ended by the loss of their nodes. */
  declareLost(attempts: readonly AttemptKey[], nowMs: number): void;
  /** Lets happen everything due up to and including `nowMs`. */
  advance(nowMs: number): void;
  /** When something happens next by itself; undefined: never. */
  nextEventAt(): number | undefined;
  /** Reports after `afterSequence` that were not acknowledged, in order, at most `countMax`. */
  observations(afterSequence: number, countMax: number): readonly NumberedObservation[];
  /** The scheduler has made durable what follows from all reports up to `sequence`. */
  acknowledge(sequence: number): void;
  inventory(): ClusterInventory;
  /** What the node draws as of the last advance. */
  drawWatts(node: number): number;
  /** The most the node may draw now, by the same rule as the scheduler's admission. */
  boundWatts(node: number): number;
  siteDrawWatts(): number;
  /**
   * Lets happen what is due and reads the meters: means since they were last read. Undefined where no time
   * passed since then, or the site says nothing of its domains.
   */
  measure(nowMs: number): MeasuredDraw | undefined;
  /** Energy of all nodes since the start, idle draw included. */
  siteMillijoules(): bigint;
  /** Draw of the attempt above idle plus its GPUs' share of idle; undefined for unknown ones. */
  energyOf(attempt: AttemptKey): bigint | undefined;
  startsOf(attempt: AttemptKey): number;
  readonly startCount: number;
  readonly startsPerAttemptMax: number;
  readonly violationCount: number;
  /** The first ones, see `violationCount` for how many there were. */
  violations(): readonly Violation[];
}

export interface SimulatedClusterOptions {
  readonly site: ClusterSite;
  /** Any whole number; the same seed and wishes give the same reports. */
  readonly seed: number;
  /** When this cluster came to life. Attempts placed before are never started, see `realize`. */
  readonly startMs: number;
  /**
   * True for a cluster that may have had an earlier life in which attempts already ran: a wish to
   * run one that was placed before `startMs` is then answered as a node failure, because starting
   * it could be the second time.
   */
  readonly hadEarlierLife?: boolean;
  readonly physics?: Partial<Physics>;
}
