import { toNumber } from "@ertis/quantities";
import type { Event, Placement } from "@ertis/scheduler-engine";
import type { Site } from "@ertis/site-model";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import type { Emergencies } from "./emergencies.ts";
import { longestLeadMs } from "./early-fall.ts";
import { LateAnswers } from "./late-answers.ts";
import { type FloorScore, LossWindows } from "./loss-windows.ts";
import { type Pace, withoutBelow } from "./pace.ts";
import type { Report } from "./violation.ts";
import { isOnWayBack, slowUntilMs } from "./way-back.ts";

export interface FloorOptions {
  readonly site: Site;
  readonly jobOf: (job: number) => SimulatedJob | undefined;
  /** Part of full speed by the measured curve. */
  readonly speedOf: (gpuModel: string, workloadClass: string, capWatts: number) => number;
}

/**
 * What a job loses to a curtailment (caps, missing nodes, pauses, checkpoints and restores) is no more
 * than its tier tolerates, averaged over the event, unless one over it gives that tier's floors up. By measured curves, from events alone. A job that
 * tolerates nothing is not paused or shrunk unless an emergency asks it by name; its caps are `CapCheck`'s.
 */
export class FloorCheck {
  readonly #options: FloorOptions;
  readonly #emergencies: Emergencies;
  readonly #report: Report;
  readonly #windows: LossWindows;
  readonly #answers: LateAnswers;
  #answersAtMs = 0;
  /** Its cluster does not answer: nothing can start there. */
  #isAway = false;
  readonly #paces = new Map<number, Pace>();

  constructor(options: FloorOptions, emergencies: Emergencies, report: Report) {
    this.#options = options;
    this.#emergencies = emergencies;
    this.#report = report;
    this.#answers = new LateAnswers(options.jobOf);
    const complain = (message: string): void => report("floor", message);
    this.#windows = new LossWindows(complain, longestLeadMs(options.site));
  }

  get score(): FloorScore {
    const { touchedCount, brokenCount, givenUpCount, forcedCount } = this.#windows;
    return { touchedCount, brokenCount, givenUpCount, forcedCount };
  }

  observe(event: Event, atMs: number): void {
    this.#excuse(event, atMs);
    switch (event.kind) {
      case "curtailment-scheduled":
        return this.#windows.open(event.curtailment, atMs);
      case "curtailment-planned":
        return this.#windows.planned(event.id, atMs);
      case "budget-set": {
        const { id, domain, from, until } = event.budget;
        const endMs = until === undefined ? Infinity : toNumber(until);
        return this.#windows.meet({ id: `budget ${id}`, domain, startMs: toNumber(from), endMs });
      }
      case "curtailment-ended":
        return event.ids.forEach((id) => this.#close(id, atMs));
      case "curtailment-cancelled":
        return this.#close(event.id, atMs);
      case "attempt-started":
        return this.#start(event.attempt.job, event.placement, atMs);
      case "cap-set": {
        const pace = this.#paces.get(event.attempt.job);
        if (pace !== undefined) {
          this.#count(pace, atMs);
          pace.speed = this.#speedOf(pace, event.capWatts);
        }
        return;
      }
      case "job-paused":
        return this.#pause(event, atMs);
      case "job-resumed": {
        const pace = this.#paces.get(event.job);
        if (pace?.isPaused === true) {
          this.#count(pace, atMs);
          pace.waitsFromMs = this.#windows.feltUntilMs(atMs);
        }
        return;
      }
      case "site-away":
      case "site-back":
        this.#countAll(atMs);
        this.#isAway = event.kind === "site-away";
        return;
      case "attempt-exited":
        return this.#stop(event.attempt.job, event.next === "finish", atMs);
      case "jobs-cancelled":
        return event.jobs.forEach((job) => this.#stop(job, true, atMs));
      default:
    }
  }

  /**
   * Planned ones give way to emergencies and lost supplies; an emergency keeps what it was accepted with unless
   * something failed since: a supply, a node, a cluster; or for as long as answers were late, and what a pause takes that
   * began meanwhile: others stop for a node that has failed, and it cannot be undone when that answers after all.
   */
  #excuse(event: Event, atMs: number): void {
    this.#windows.observe(event);
    const isLate = this.#answers.observe(event, atMs);
    const sinceMs = this.#answersAtMs;
    this.#answersAtMs = atMs;
    if (this.#windows.openCount === 0) {
      return;
    }
    if (this.#emergencies.isOn(atMs)) {
      this.#windows.force(atMs, this.#emergencies.isSupplyLost);
    }
    this.#windows.late(
      atMs - sinceMs,
      (acceptedAtMs) => isLate || this.#answers.isLateSince(acceptedAtMs, atMs),
    );
  }

  finish(atMs: number): void {
    this.#countAll(atMs);
    this.#windows.closeAll();
  }

  #close(id: string, atMs: number): void {
    this.#countAll(atMs);
    for (const pace of this.#paces.values()) {
      const held = { ...pace, withoutBelow: withoutBelow(pace) };
      const wayBack = this.#windows.wayBackFrom(id, held, atMs);
      const isOn = wayBack !== undefined && isOnWayBack(pace, wayBack, atMs);
      if (isOn && !this.#isForAnother(pace.stoppedFor, id)) {
        pace.wayBack = wayBack;
      }
    }
    this.#windows.close(id);
  }

  /** A planned one that is still on keeps it from its speed by itself. */
  #isForAnother(stoppedFor: string | undefined, id: string): boolean {
    return stoppedFor !== id && this.#windows.endOf(stoppedFor) < Infinity;
  }

  #countAll(atMs: number): void {
    for (const pace of this.#paces.values()) {
      this.#count(pace, atMs);
    }
  }

  #start(number: number, { nodes, capWatts }: Placement, atMs: number): void {
    const job = this.#options.jobOf(number);
    if (job === undefined) {
      return;
    }
    const { site } = this.#options;
    const before = this.#paces.get(number);
    if (before !== undefined) {
      this.#count(before, atMs);
    }
    const wasPaused = before?.isPaused === true;
    const node = site.nodes[nodes[0] ?? -1];
    const pace: Pace = {
      job,
      sinceMs: atMs,
      speed: 1,
      nodeCount: nodes.length,
      nodeCountBefore: wasPaused ? before.nodeCountBefore : new Map(),
      gaveBelow: wasPaused ? before.gaveBelow : new Set(),
      gpuModel: site.nodeClasses[node?.classIndex ?? -1]?.gpuModel ?? "",
      domains: this.#above(nodes),
      isPaused: false,
      waitsFromMs: Infinity,
      restoredAtMs: wasPaused ? atMs + (job.checkpoint?.restoreMs ?? 0) : atMs,
      isRunning: true,
      stoppedFor: wasPaused ? before.stoppedFor : undefined,
      wayBack: wasPaused ? before.wayBack : undefined,
    };
    pace.speed = this.#speedOf(pace, capWatts);
    this.#paces.set(number, pace);
  }

  #pause(event: Extract<Event, { readonly kind: "job-paused" }>, atMs: number): void {
    const pace = this.#paces.get(event.job);
    if (pace === undefined) {
      return;
    }
    this.#count(pace, atMs);
    if (!pace.isPaused) {
      this.#windows.stopped(pace.job, (sinceMs) => this.#answers.isLateSince(sinceMs, atMs));
    }
    pace.isPaused = true;
    pace.waitsFromMs = Infinity;
    pace.stoppedFor = event.curtailment;
    if (this.#isForAnother(pace.stoppedFor, pace.wayBack?.id ?? "")) {
      pace.wayBack = undefined;
    }
    // A pause may cost nodes in those that are on; what a gang gives back is given for those, too, that begin meanwhile.
    const untilMs = event.nodes === undefined ? atMs : this.#windows.endOf(event.curtailment);
    for (const id of this.#windows.openBefore(atMs, untilMs)) {
      if (!pace.nodeCountBefore.has(id)) {
        pace.nodeCountBefore.set(id, pace.nodeCount);
      }
      if (event.nodes !== undefined && this.#windows.isOver(id, pace.domains)) {
        pace.gaveBelow.add(id);
      }
    }
    // To get back nodes that it gave when its floor was given up, it writes a checkpoint once more.
    const isGrowing = (event.nodes?.length ?? 0) > pace.nodeCount;
    if (pace.job.flexibilityTier === 0 && !isGrowing && !this.#windows.isAnybodyAsked()) {
      this.#report("floor", `${pace.job.name} tolerates no loss and is paused`);
    }
  }

  #stop(number: number, isOver: boolean, atMs: number): void {
    const pace = this.#paces.get(number);
    if (pace === undefined) {
      return;
    }
    this.#count(pace, atMs);
    pace.isRunning = false;
    if (isOver) {
      this.#paces.delete(number);
    }
  }

  /** What waits for another reason than a pause, as for a cluster that is away, loses nothing to a curtailment. */
  #count(pace: Pace, atMs: number): void {
    const { job, sinceMs, domains, restoredAtMs, speed, nodeCount, nodeCountBefore } = pace;
    const held = { domains, withoutBelow: withoutBelow(pace) };
    const all = (): number => 1;
    const slower = (id: string): number =>
      1 - (speed * nodeCount) / Math.max(nodeCount, nodeCountBefore.get(id) ?? 0);
    const middleMs = Math.min(Math.max(restoredAtMs, sinceMs), atMs);
    const isHeldUp = this.#isAway && pace.waitsFromMs < Infinity;
    const { wayBack } = pace;
    const isForOther = wayBack !== undefined;
    if (pace.isPaused && !isHeldUp) {
      const has = (id: string): number => (this.#windows.hasBegunBy(id, pace.waitsFromMs) ? 1 : 0);
      const away = { ...held, fromMs: sinceMs, untilMs: atMs, isOnWayBack: isForOther };
      this.#windows.add(job, has, away);
    } else if (!pace.isPaused && pace.isRunning) {
      const restoring = { ...held, fromMs: sinceMs, untilMs: middleMs, isOnWayBack: isForOther };
      this.#windows.add(job, all, restoring);
      const slowUntil = wayBack === undefined ? -Infinity : slowUntilMs(pace, wayBack);
      const slowMs = Math.min(Math.max(slowUntil, middleMs), atMs);
      const slow = { ...held, fromMs: middleMs, untilMs: slowMs, isOnWayBack: true };
      this.#windows.add(job, slower, slow);
      const running = { ...held, fromMs: slowMs, untilMs: atMs, isOnWayBack: false };
      this.#windows.add(job, slower, running);
    }
    if (wayBack !== undefined && !isOnWayBack(pace, wayBack, atMs)) {
      pace.wayBack = undefined;
    }
    pace.sinceMs = atMs;
  }

  #speedOf({ job, gpuModel }: Pace, capWatts: number): number {
    return capWatts === 0 ? 1 : this.#options.speedOf(gpuModel, job.workloadClass, capWatts);
  }

  #above(placed: readonly number[]): ReadonlySet<string> {
    const { domains, nodes } = this.#options.site;
    const ids = new Set<string>();
    for (const node of placed) {
      let at = nodes[node]?.domainIndex ?? -1;
      for (; at >= 0; at = domains[at]?.parentIndex ?? -1) {
        ids.add(domains[at]?.id ?? "");
      }
    }
    return ids;
  }
}
