/** Everything that comes over a curtailed site, step by step, for property tests. */
import { instant, milliseconds, watts } from "@ertis/quantities";
import { known } from "../state/assert.ts";
import { nodeAsleep, nodeLost } from "../state/site-state.ts";
import type { Account } from "../words/account.ts";
import type { Observation } from "../words/attempt.ts";
import type { PowerBudget } from "../words/command.ts";
import type { Curtailment } from "../words/curtailment.ts";
import { hourMs, spec } from "./test-hub.ts";
import type { Step } from "./test-step.ts";
import { Twins } from "./test-twins.ts";

const minuteMs = 60_000;

/** Takes one step after the other. */
export class World extends Twins {
  /** What was accepted and not cancelled, in the order in which it was asked for. */
  readonly curtailments: Curtailment[] = [];
  readonly budgets: PowerBudget[] = [];
  /** What lost supplies leave, watts by domain. */
  readonly remainingWatts: Map<number, number> = new Map();
  #count = 0;

  constructor(accounts: readonly Account[] = []) {
    super(accounts);
  }

  take(step: Step): void {
    const { state } = this.engine;
    this.#count += 1;
    switch (step.kind) {
      case "job":
        return this.#submit(step);
      case "curtail":
        return this.#curtail(step);
      case "budget":
        return this.#setBudget(step);
      case "cancel":
        return this.#cancel([...state.curtailments.records.keys()][0]);
      case "supply-lost":
        return this.#loseSupply(step);
      case "supply-back":
        this.remainingWatts.clear();
        return this.report(
          ...[...this.site.lostSupplies.keys()].map(
            (domain) => ({ kind: "supply-back", domain }) as const,
          ),
        );
      case "node-lost":
        return this.report({ kind: "node-lost", node: this.#count % 8 });
      case "lost-off":
        return this.#switchOff(nodeLost);
      case "measure":
        return this.#measure();
      case "acknowledge":
        return this.acknowledge(step.silent);
      case "stops":
        return this.#confirmStops();
      case "pass":
        return this.pass(step.seconds * 1_000);
    }
  }

  #submit(step: Extract<Step, { readonly kind: "job" }>): void {
    const { nodes, tier, canPause, isMalleable, tasks } = step;
    const requestId = `00000000-0000-4000-8000-${String(this.#count).padStart(12, "0")}`;
    const checkpoint = { save: milliseconds(minuteMs), restore: milliseconds(minuteMs) };
    const item = {
      requestId,
      bodyHash: 1,
      spec: spec({
        project: ["p1", "p2", "p3"][this.#count % 3] ?? "p1",
        nodeCount: nodes,
        nodeCountMin: isMalleable ? 1 : nodes,
        taskCount: tasks,
        flexibilityTier: tier,
        workloadClass: "straight",
        walltime: milliseconds(9 * hourMs),
        ...(canPause ? { checkpoint } : {}),
      }),
    };
    this.execute({
      kind: "submit-jobs",
      at: this.at,
      owner: ["aida", "bek"][this.#count % 2] ?? "aida",
      items: [item],
    });
    this.place();
  }

  place(): void {
    this.execute({ kind: "place", at: this.at });
  }

  #curtail(step: Extract<Step, { readonly kind: "curtail" }>): void {
    const domain = known(this.site.site.domains[step.domain], "domain");
    const startsAt = this.nowMs + step.inMinutes * minuteMs;
    const curtailment: Curtailment = {
      id: `c${this.#count}`,
      site: "hub",
      domain: domain.id,
      mode: step.isPlanned ? "planned" : "emergency",
      target: watts(Math.round(this.loadWatts(step.domain) * step.part)),
      baseline: watts(0),
      start: instant(startsAt),
      end: instant(startsAt + step.minutes * minuteMs),
      ramp: milliseconds(step.ramp * minuteMs),
      reason: "grid",
      setBy: "olga",
      noticedAt: this.at,
    };
    const reply = this.execute({
      kind: "schedule-curtailment",
      at: this.at,
      by: "olga",
      curtailment,
    });
    if (reply.kind !== "rejected") {
      this.curtailments.push(curtailment);
    }
  }

  #cancel(id: string | undefined): void {
    if (id === undefined) {
      return;
    }
    const at = this.at;
    const reply = this.execute({ kind: "cancel-curtailment", at, by: "o", reason: "", id });
    const found = this.curtailments.findIndex((one) => one.id === id);
    if (reply.kind !== "rejected" && found !== -1) {
      this.curtailments.splice(found, 1);
    }
  }

  #setBudget(step: Extract<Step, { readonly kind: "budget" }>): void {
    const domain = known(this.site.site.domains[step.domain], "domain");
    const budget: PowerBudget = {
      id: `b${this.#count}`,
      site: "hub",
      domain: domain.id,
      ceiling: watts(Math.round(this.loadWatts(step.domain) * step.part)),
      from: this.at,
      until: instant(this.nowMs + step.minutes * minuteMs),
      reason: "contract",
      setBy: "olga",
    };
    if (this.execute({ kind: "set-budget", at: this.at, budget }).kind !== "rejected") {
      this.budgets.push(budget);
    }
  }

  #loseSupply({ domain, part }: Extract<Step, { readonly kind: "supply-lost" }>): void {
    const remaining = Math.round(this.loadWatts(domain) * part);
    this.remainingWatts.set(domain, remaining);
    this.report({ kind: "supply-lost", domain, remaining: watts(remaining) });
  }

  #measure(): void {
    this.nowMs += 10_000;
    const attempts = [...this.site.attempts].map((one) => ({
      attempt: { job: one.job, task: one.task, attempt: one.attempt },
      watts: one.heldNodes.length * (2_000 + 8 * 0.95 * (one.capWatts === 0 ? 400 : one.capWatts)),
    }));
    const total = attempts.reduce((sum, one) => sum + one.watts, 1_000);
    const domains = [{ domain: 0, watts: total }];
    this.execute({ kind: "measure", at: this.at, site: "hub", domains, attempts });
  }

  acknowledge(silent: number): void {
    const reports: Observation[] = [];
    for (const { job, task, attempt, heldNodes, capWatts, capOrder: order } of this.site.attempts) {
      const nodes = heldNodes.filter((node) => node !== silent);
      if (nodes.length > 0) {
        const key = { job, task, attempt };
        reports.push({ kind: "cap-applied", attempt: key, nodes, capWatts, order });
      }
    }
    this.report(...reports);
  }

  #confirmStops(): void {
    const reports: Observation[] = [];
    for (const { job, task, attempt, phase } of this.site.attempts) {
      const key = { job, task, attempt };
      if (phase === "stopping") {
        reports.push(
          { kind: "checkpointed", attempt: key },
          {
            kind: "attempt-exited",
            attempt: key,
            outcome: { kind: "failed", category: "application", exitCode: 143 },
          },
          { kind: "stop-confirmed", attempt: key, nodes: [] },
        );
      }
    }
    this.report(...reports);
    this.place();
  }

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const next = this.engine.nextTickAtMs() ?? Infinity;
      if (next > untilMs) {
        break;
      }
      this.nowMs = Math.max(this.nowMs, next);
      this.execute({ kind: "tick", at: this.at });
      if (next === this.nowMs && (this.engine.nextTickAtMs() ?? Infinity) <= this.nowMs) {
        throw new Error("a tick leaves something due that it should have done");
      }
    }
    this.nowMs = untilMs;
    this.execute({ kind: "tick", at: this.at });
    this.place();
  }

  #switchOff(flag: number): void {
    const reports: Observation[] = [];
    this.site.nodeFlags.forEach((flags, node) => {
      if ((flags & flag) !== 0) {
        reports.push({ kind: "node-powered-off", node });
      }
    });
    this.report(...reports);
  }

  /** Everybody obeys, and everything that was asked to stop is gone. */
  settle(): void {
    for (let round = 0; round < 8; round += 1) {
      this.acknowledge(-1);
      this.#confirmStops();
      this.#switchOff(nodeAsleep);
      this.pass(3_000);
    }
  }
}
