/** A hub with idle nodes that are kept for a promised start, for tests. */
import { instant, type Milliseconds, milliseconds, watts } from "@ertis/quantities";
import { acknowledge, cappedHub, Hub, hourMs, startMs } from "./test-hub.ts";
import { assert, known } from "../state/assert.ts";
import { activeAttempts } from "../state/job.ts";
import { nodeAsleep, type SiteState } from "../state/site-state.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { JobSpec } from "../words/job-spec.ts";
import type { Reply } from "../words/reply.ts";
import { bending, schedule } from "./test-full-hub.ts";

export const stepMs = 5_000;
export const walltime: Milliseconds = milliseconds(4 * hourMs);
const whole: Partial<JobSpec> = { nodeCount: 8, walltime };
/** Four idle nodes draw 8 kW of the 29.8 kW: without them nobody is capped. */
const target = watts(22_000);

interface Promising {
  /** Walltime of the gangs that run. */
  readonly runMs: number;
  readonly text?: string;
  readonly head?: Partial<JobSpec>;
  readonly gang?: Partial<JobSpec>;
}

/** Half the nodes run until `promisedMs`, the others idle until then for a job that takes all eight. */
export class PromisedHub extends Hub {
  readonly head: number;

  constructor({ runMs, text = cappedHub(), head = whole, gang = bending }: Promising) {
    super(text);
    for (let at = 0; at < 2; at += 1) {
      this.run({ ...gang, nodeCount: 2, walltime: milliseconds(runMs) });
    }
    this.head = this.run(head);
  }

  get site(): SiteState {
    return known(this.state.sites.get("hub"), "site");
  }

  get promisedMs(): number {
    const [first] = this.site.pools.flatMap((pool) => pool.reservations);
    return known(first, "promise").startAtMs;
  }

  get startedMs(): number | undefined {
    return activeAttempts(known(this.state.jobs.get(this.head), "head"))[0]?.startedAtMs;
  }

  /** A planned one of an hour that begins in half an hour. */
  curtail(changes: Partial<Curtailment> = {}): Reply {
    const start = instant(startMs + hourMs / 2);
    const end = instant(startMs + 1.5 * hourMs);
    return schedule(this, { mode: "planned", target, start, end, ...changes });
  }

  nodesWith(flag: number): readonly number[] {
    return [...this.site.nodeFlags.keys()].filter(
      (node) => ((this.site.nodeFlags[node] ?? 0) & flag) !== 0,
    );
  }

  /** Nodes obey, jobs use their walltimes to the end, and bounds are never above a breaker, also of later moments. */
  pass(ms: number, longestStepMs: number = stepMs): void {
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs;) {
      this.#obey();
      const dueMs = this.engine.nextTickAtMs() ?? Infinity;
      const stepToMs = Math.min(dueMs, untilMs, this.nowMs + longestStepMs);
      this.wait(Math.max(1, stepToMs - this.nowMs));
      for (let pass = 0; this.engine.needsPass && pass < 20; pass += 1) {
        this.place();
      }
      assert(!isAbove(this.site), "bounds are within breakers");
    }
  }

  #obey(): void {
    acknowledge(this);
    for (const node of this.nodesWith(nodeAsleep)) {
      this.report({ kind: "node-powered-off", node });
    }
    for (const attempt of this.site.attempts) {
      if (attempt.phase === "stopping" && attempt.job !== this.head) {
        const key = { job: attempt.job, task: 0, attempt: attempt.attempt };
        this.report(
          { kind: "attempt-exited", attempt: key, outcome: { kind: "succeeded" } },
          { kind: "stop-confirmed", attempt: key, nodes: [] },
        );
      }
    }
  }

  passUntil(atMs: number, longestStepMs?: number): void {
    this.pass(atMs - this.nowMs, longestStepMs);
  }
}

function isAbove({ horizons, usableScaled }: SiteState): boolean {
  return horizons.some(({ load }) =>
    load.some((scaled, column) => scaled > (usableScaled[column] ?? 0)),
  );
}
