import type { DesiredAttempt } from "@ertis/scheduler-runtime";
import { type AttemptRecord, heldNodes, isBeforeExit, tenancyOn } from "./attempt-record.ts";
import type { AttemptReports } from "./attempt-reports.ts";
import { exitAt } from "./attempt-schedule.ts";
import { speedUnderCap } from "./cap-speed.ts";
import type { ClusterContext } from "./cluster-context.ts";
import { forkStream } from "./random-stream.ts";

/** Caps of attempts, and how fast they are under them. */
export class AttemptPace {
  readonly #context: ClusterContext;
  readonly #reports: AttemptReports;

  constructor(context: ClusterContext, reports: AttemptReports) {
    this.#context = context;
    this.#reports = reports;
  }

  /** Takes in another cap; each node holds it a little later. An order that came before is done. */
  takeCap(record: AttemptRecord, wish: DesiredAttempt): void {
    if (wish.capOrder <= record.capOrder || !isBeforeExit(record)) {
      return;
    }
    record.capOrder = wish.capOrder;
    record.capWatts = wish.capWatts;
    const { seed, physics, heap, nowMs } = this.#context;
    const { job, task, attempt } = record.key;
    for (const node of heldNodes(record)) {
      const stream = forkStream(seed, `cap-${wish.capOrder}`, job, task, attempt, node);
      if (!stream.happens(physics.capLost)) {
        const atMs = nowMs + stream.within(physics.capDelayMs);
        heap.push({ atMs, kind: "node-caps", job, task, attempt, node });
      }
    }
  }

  /** A node holds the newest cap from now on, and says so. */
  holdCap(record: AttemptRecord, node: number): void {
    const tenancy = tenancyOn(record, node);
    if (tenancy === undefined || tenancy.releasedMs !== undefined || !isBeforeExit(record)) {
      return;
    }
    const { capWatts, capOrder } = record;
    this.#context.nodes.setCap(tenancy, capWatts, this.#context.nowMs);
    this.update(record);
    this.#reports.say(record, {
      kind: "cap-applied",
      attempt: record.key,
      nodes: [node],
      capWatts,
      order: capOrder,
    });
  }

  /** Counts the work done so far; from now on it is as fast as its caps let it. */
  update(record: AttemptRecord): void {
    const { nowMs, nodes } = this.#context;
    if (record.phase === "running") {
      const doneMs = (nowMs - record.workAtMs) * record.speed;
      record.workLeftMs = Math.max(0, record.workLeftMs - doneMs);
      record.workAtMs = nowMs;
    }
    // A gang is as fast as its slowest GPU.
    record.speed = Math.min(
      1,
      ...record.tenancies.map(({ node, capWatts }) =>
        speedUnderCap(nodes.site, nodes.classOf(node), record.workloadClass, capWatts),
      ),
    );
    if (record.phase === "running" && record.outcome === record.plan?.outcome) {
      exitAt(this.#context, record, this.naturalExitMs(record));
    }
  }

  /** When the program ends by itself at its present speed. */
  naturalExitMs(record: AttemptRecord): number {
    return this.#context.nowMs + Math.ceil(record.workLeftMs / record.speed);
  }
}
