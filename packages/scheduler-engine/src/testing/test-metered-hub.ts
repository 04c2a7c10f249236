/** A hub whose domains and jobs are measured every ten seconds, unless told otherwise, for tests. */
import { instant, milliseconds, watts } from "@ertis/quantities";
import { capInForce } from "../state/caps.ts";
import { beginAll, cappedHub, Hub, hourMs } from "./test-hub.ts";
import { known } from "../state/assert.ts";
import { activeAttempts, type Attempt } from "../state/job.ts";
import { nodeAsleep, nodeOff, type SiteState } from "../state/site-state.ts";
import type { Measure } from "../words/command.ts";
import type { Curtailment } from "../words/curtailment.ts";
import type { JobSpec } from "../words/job-spec.ts";
import type { Reply } from "../words/reply.ts";

export const minuteMs = 60_000;

const checkpoint: JobSpec["checkpoint"] = {
  save: milliseconds(minuteMs),
  restore: milliseconds(2 * minuteMs),
};

/** A job of one node that may lose half of its work and takes caps at a straight curve. */
export const bending: Partial<JobSpec> = {
  flexibilityTier: 50,
  workloadClass: "straight",
  walltime: milliseconds(100 * hourMs),
};

/** The same, but caps save little: it has to be paused. */
export const pausing: Partial<JobSpec> = { ...bending, checkpoint, capMin: watts(320) };

/** 2 kW idle, 95 % of its cap a GPU; 1 kW fixed above both halls. Nodes obey at once. */
export class MeteredHub extends Hub {
  #drawn = new Float64Array();

  constructor(text: string = cappedHub()) {
    super(text);
  }

  /** Nodes that take no order and acknowledge none, caps and stops alike. */
  readonly silent: Set<number> = new Set();

  /** Do its meters say nothing? */
  areMetersSilent = false;

  get site(): SiteState {
    return known(this.state.sites.get("hub"), "hub");
  }

  /** By domain, in the period just over. */
  get drawnWatts(): readonly (readonly [domain: string, watts: number])[] {
    return this.site.site.domains.map(({ id }, at) => [id, this.#drawn[at] ?? 0]);
  }

  get attempts(): readonly Attempt[] {
    return [...this.state.jobs.after(0)].flatMap((job) => [...activeAttempts(job)]);
  }

  /** The id of a hall: "hall-1", "hall-2". */
  hall(name: string): string {
    return known(
      this.site.site.domains.find(({ id }) => id.endsWith(name)),
      name,
    ).id;
  }

  /** Between two measurements. */
  get periodMs(): number {
    return 10_000;
  }

  /** What the GPUs of an attempt draw of their cap. */
  drawShare(_attempt: Attempt): number {
    return 0.95;
  }

  /** What the meter of a GPU says; undefined: it has none. */
  gpuWatts(_attempt: Attempt): number | undefined {
    return undefined;
  }

  /** Whoever has started runs. */
  beginAll(): void {
    beginAll(this);
  }

  /** One of an hour that begins in a quarter of an hour, unless told otherwise. */
  curtail(id: string, changes: Partial<Curtailment>): Reply {
    const at = instant(this.nowMs);
    const curtailment = this.curtailment(id, changes);
    return this.engine.execute({ kind: "schedule-curtailment", at, by: "olga", curtailment }).reply;
  }

  /** What `curtail` asks for. */
  curtailment(id: string, changes: Partial<Curtailment>): Curtailment {
    const startMs = this.nowMs + 15 * minuteMs;
    return {
      id,
      site: "hub",
      domain: "hub",
      mode: "planned",
      target: watts(30_000),
      baseline: watts(0),
      start: instant(startMs),
      end: instant(Number(changes.start ?? startMs) + hourMs),
      ramp: milliseconds(5 * minuteMs),
      reason: "grid",
      setBy: "olga",
      noticedAt: instant(this.nowMs),
      ...changes,
    };
  }

  /** Period by period until a moment; `each` looks after every one. */
  playUntil(untilMs: number, each?: () => void): void {
    while (this.nowMs < untilMs) {
      this.#obey();
      this.nowMs += this.periodMs;
      this.#measure();
      this.wait(0);
      for (let pass = 0; this.engine.needsPass && pass < 20; pass += 1) {
        this.place();
      }
      each?.();
    }
  }

  /** Who has started runs, caps are set, checkpoints written within a minute, nodes switched off. */
  #obey(): void {
    this.beginAll();
    for (const one of this.attempts) {
      const { job, task, attempt, phase, workAtMs, capWatts, capOrder, heldNodes } = one;
      const key = { job, task, attempt };
      const nodes = heldNodes.filter((node) => !this.silent.has(node));
      if (nodes.length > 0) {
        this.report({ kind: "cap-applied", attempt: key, nodes, capWatts, order: capOrder });
      }
      const isAnswered = nodes.length === heldNodes.length;
      if (phase === "stopping" && isAnswered && this.nowMs >= workAtMs + minuteMs) {
        const outcome = { kind: "failed", category: "application", exitCode: 143 } as const;
        this.report(
          { kind: "checkpointed", attempt: key },
          { kind: "attempt-exited", attempt: key, outcome },
          { kind: "stop-confirmed", attempt: key, nodes: [] },
        );
      }
    }
    this.site.nodeFlags.forEach((flags, node) => {
      if ((flags & nodeAsleep) !== 0 && (flags & nodeOff) === 0) {
        this.report({ kind: "node-powered-off", node });
      }
    });
  }

  #measure(): void {
    const drawn = new Float64Array(this.site.site.domains.length);
    this.site.site.domains.forEach((domain, at) => {
      drawn[at] = Number(domain.fixedWatts);
    });
    const add = (domain: number, more: number): void => {
      drawn[domain] = (drawn[domain] ?? 0) + more;
    };
    this.site.nodeFlags.forEach((flags, node) => {
      add(this.site.nodeDomain[node] ?? 0, (flags & nodeOff) === 0 ? 2_000 : 0);
    });
    const attempts: Measure["attempts"][number][] = [];
    for (const one of this.attempts) {
      const { job, task, attempt, heldNodes, gpusPerNode } = one;
      let all = 0;
      for (const node of heldNodes) {
        const ofGpus = gpusPerNode * this.drawShare(one) * (capInForce(one, node) || 400);
        add(this.site.nodeDomain[node] ?? 0, ofGpus);
        all += (2_000 * gpusPerNode) / 8 + ofGpus;
      }
      const gpuWatts = this.gpuWatts(one);
      attempts.push({
        attempt: { job, task, attempt },
        watts: Math.round(all),
        ...(gpuWatts === undefined ? {} : { gpuWatts }),
      });
    }
    for (let at = drawn.length - 1; at > 0; at -= 1) {
      add(this.site.parent[at] ?? 0, drawn[at] ?? 0);
    }
    const domains = [...drawn].map((one, domain) => ({ domain, watts: Math.round(one) }));
    this.#drawn = drawn;
    if (this.areMetersSilent) {
      return;
    }
    const at = instant(this.nowMs);
    this.engine.execute({ kind: "measure", at, site: "hub", domains, attempts });
  }
}
