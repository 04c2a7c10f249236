/** A cluster that does what it is told in time, for tests of what is asked of it. */
import { toNumber } from "@ertis/quantities";
import { acknowledge, attemptsOf, type Hub } from "./test-hub.ts";

/** Nodes say that they are free so long after a program has ended. */
const cleanMs = 2_000;
const secondMs = 1_000;

/** Something that happened to a job, with its moment. */
export interface Moment {
  readonly job: number;
  readonly atMs: number;
}

/** Caps are obeyed within the moment, checkpoints written within their time, nodes free two seconds later. */
export class ObeyingCluster {
  readonly stops: Moment[] = [];
  readonly starts: Moment[] = [];
  readonly #hub: Hub;
  readonly #seen = new Set<string>();

  constructor(hub: Hub) {
    this.#hub = hub;
    attemptsOf(hub).forEach(({ job, attempt }) => this.#seen.add(`start ${job} ${attempt}`));
    this.#obey();
  }

  /** One second after the other. */
  pass(ms: number, look: () => void = () => {}): void {
    for (let passed = 0; passed < ms; passed += secondMs) {
      this.#hub.wait(secondMs);
      this.#obey();
      look();
    }
  }

  #obey(): void {
    const hub = this.#hub;
    acknowledge(hub);
    for (const { job, task, attempt, phase, workAtMs, exitedAtMs } of attemptsOf(hub)) {
      const key = { job, task, attempt };
      const checkpoint = hub.state.jobs.get(job)?.spec.checkpoint;
      const savedMs = workAtMs + (checkpoint === undefined ? 0 : toNumber(checkpoint.save));
      if (phase === "stopping") {
        this.#note("stop", { job, atMs: workAtMs }, attempt);
      }
      if (phase === "stopping" && hub.nowMs >= savedMs) {
        const outcome = { kind: "failed", category: "application", exitCode: 143 } as const;
        hub.report({ kind: "checkpointed", attempt: key });
        hub.report({ kind: "attempt-exited", attempt: key, outcome });
      } else if (phase === "exited" && hub.nowMs >= (exitedAtMs ?? 0) + cleanMs) {
        hub.report({ kind: "stop-confirmed", attempt: key, nodes: [] });
      }
    }
    for (let pass = 0; pass < 20 && hub.engine.needsPass; pass += 1) {
      hub.place();
    }
    acknowledge(hub);
    for (const { job, attempt } of attemptsOf(hub)) {
      this.#note("start", { job, atMs: hub.nowMs }, attempt);
    }
  }

  #note(what: "start" | "stop", moment: Moment, attempt: number): void {
    const key = `${what} ${moment.job} ${attempt}`;
    if (!this.#seen.has(key)) {
      this.#seen.add(key);
      (what === "start" ? this.starts : this.stops).push(moment);
    }
  }
}
