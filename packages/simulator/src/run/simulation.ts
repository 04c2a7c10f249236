import { type Entry, type Observation, type Reply } from "@ertis/scheduler-engine";
import { forkStream } from "../chance/random-stream.ts";
import { Checks } from "../check/checks.ts";
import { Controller, type Request } from "../control/controller.ts";
import { Meters } from "../control/meters.ts";
import { indexOf, submitRequest } from "../control/submit-request.ts";
import { measuredSpeeds, pointsOf } from "../plant/measured-points.ts";
import { Plant } from "../plant/plant.ts";
import { Recorder } from "../record/recorder.ts";
import type { SimulatedJob } from "../scenario/draw-jobs.ts";
import { ScenarioPlayer } from "../scenario/scenario-player.ts";
import { firstRequests } from "./first-requests.ts";
import type { SimulationInput } from "./simulation-input.ts";
import { simulationLimits } from "./simulation-limits.ts";
import { Questions } from "./questions.ts";
import { Refusals } from "./refusals.ts";
import { type Ending, Stillness } from "./stillness.ts";

/** So many rounds of one moment, and the scheduler runs in a circle. */
const roundsMax = 20_000;

export interface RunProgress {
  readonly submittedCount: number;
  readonly finishedCount: number;
  readonly jobCount: number;
  readonly nowMs: number;
}

/** A world on virtual time. `step` lets it go on; between two steps it stands still. */
export class Simulation {
  readonly input: SimulationInput;
  readonly startMs: number;
  readonly plant: Plant;
  readonly checks: Checks;
  readonly recorder: Recorder;
  readonly controller: Controller;
  readonly scenario: ScenarioPlayer;
  nowMs: number;
  isOver = false;
  ending: Ending = "all-over";
  readonly refusals: Refusals = new Refusals();
  /** Moments of the world that were played. */
  momentCount = 0;
  readonly #jobs = new Map<number, SimulatedJob>();
  readonly #jobByIndex: ReadonlyMap<number, SimulatedJob>;
  #nextArrival = 0;
  readonly #stillness: Stillness;
  readonly #meters: Meters;
  readonly #questions: Questions;
  #nextMeasureMs: number;
  #requests: Request[] = [];
  /** What the executor could not tell while its cluster was away. */
  #unsaid: Observation[] = [];

  constructor(input: SimulationInput) {
    this.input = input;
    const { site, seed, plant: rules } = input;
    this.startMs = input.jobs[0]?.submittedAtMs ?? 0;
    this.nowMs = this.startMs;
    this.#jobByIndex = new Map(input.jobs.map((job) => [job.index, job]));
    const jobOf = (job: number): SimulatedJob | undefined => this.#jobs.get(job);
    this.plant = new Plant({
      site,
      rules,
      seed,
      startMs: this.startMs,
      jobOf,
      pointsFor: pointsOf(site),
    });
    this.checks = new Checks({
      site,
      jobOf,
      trueNodeWatts: (node) => this.plant.power.nodeWatts(node),
      trueDomainWatts: (domain) => this.plant.power.domainWatts(domain),
      speedOf: measuredSpeeds(site),
      recheckEvery: input.recheckEvery ?? 10_000,
    });
    const { book, budgets } = this.checks;
    this.recorder = new Recorder({
      site,
      startMs: this.startMs,
      book,
      budgets,
      plant: this.plant,
      jobOf,
    });
    this.controller = new Controller(input.limits ?? simulationLimits, (entry) =>
      this.#onEntry(entry),
    );
    this.scenario = new ScenarioPlayer(this);
    this.#meters = new Meters({
      site,
      plant: this.plant,
      noise: rules.readingNoise,
      chance: forkStream(seed, "meters"),
      startMs: this.startMs,
    });
    this.#stillness = new Stillness(this);
    this.#questions = new Questions(input.jobs.length, input.questionsMax);
    this.#nextMeasureMs = input.measureEveryMs > 0 ? this.startMs + input.measureEveryMs : Infinity;
    this.#requests.push(...firstRequests(input, this.startMs));
    this.#playMoment();
  }

  /** Plays at most so many moments. @returns whether there is more to come */
  step(momentsMax: number): boolean {
    for (let played = 0; played < momentsMax && !this.isOver; played += 1) {
      const nextMs = this.#nextAtMs();
      const endMs = this.startMs + this.input.horizonMs;
      const ending = this.#endingAt(nextMs, endMs);
      if (ending !== undefined) {
        this.#end(ending === "stalled" ? this.nowMs : Math.min(nextMs, endMs), ending);
        return false;
      }
      this.recorder.passTo(nextMs, this.#isQuiet());
      this.#pass(nextMs);
      this.nowMs = nextMs;
      this.#playMoment();
    }
    return !this.isOver;
  }

  /** Everything stays as it is until then. */
  #pass(nextMs: number): void {
    const drawn = (domain: number): number => this.plant.power.domainWatts(domain);
    this.checks.supplies.passFor(nextMs - this.nowMs, drawn);
    const { targets } = this.checks;
    const untilMs = this.controller.timeAt(nextMs);
    if (this.input.measureEveryMs === 0 || this.scenario.isDisturbed) {
      targets.disturb(untilMs);
    }
    targets.pass(this.controller.timeAt(this.nowMs), untilMs, drawn);
  }

  ask(request: Request): void {
    this.#requests.push(request);
  }

  progress(): RunProgress {
    return {
      submittedCount: this.#nextArrival,
      finishedCount: this.checks.jobs.finishedCount,
      jobCount: this.input.jobs.length,
      nowMs: this.nowMs,
    };
  }

  #endingAt(nextMs: number, endMs: number): Ending | undefined {
    if (this.#isDone()) {
      return "all-over";
    }
    if (nextMs > endMs) {
      return "horizon";
    }
    const isStill = this.#nextArrival === this.input.jobs.length && this.#stillness.isStill();
    return nextMs === Infinity || isStill ? "stalled" : undefined;
  }

  /** Jobs wait and nothing moves: if nothing ever does again, this time is not part of the run. */
  #isQuiet(): boolean {
    return this.#nextArrival === this.input.jobs.length && this.#stillness.isQuiet();
  }

  #isDone(): boolean {
    const { jobs } = this.input;
    return (
      this.#nextArrival === jobs.length &&
      this.checks.jobs.finishedCount === this.checks.jobs.submittedCount &&
      this.checks.heldCount === 0 &&
      this.#requests.length === 0
    );
  }

  #nextAtMs(): number {
    const arrival = this.input.jobs[this.#nextArrival]?.submittedAtMs ?? Infinity;
    return Math.max(
      this.nowMs,
      Math.min(
        arrival,
        this.plant.nextAtMs(),
        this.controller.nextTickAtMs(),
        this.scenario.nextAtMs(),
        this.#nextMeasureMs,
      ),
    );
  }

  /** Everything of one moment, until the scheduler and the plant are quiet. */
  #playMoment(): void {
    this.momentCount += 1;
    this.scenario.play(this.nowMs);
    this.#arrive();
    this.#measure();
    for (let round = 0; ; round += 1) {
      if (round === roundsMax) {
        this.checks.reportStuck(this.nowMs, roundsMax);
        this.#end(this.nowMs, "stuck");
        return;
      }
      this.plant.advance(this.nowMs);
      this.#takeReports();
      if (this.#requests.length === 0 && !this.controller.hasWork(this.nowMs)) {
        break;
      }
      const requests = this.#requests;
      this.#requests = [];
      const replies = this.controller.runBatch(this.nowMs, requests);
      requests.forEach((request, at) => this.#hear(request, replies[at]));
    }
    this.#questions.ask(this.controller.engine.state, this.checks.estimates);
    this.checks.checkDraw(this.plant.power.takeChanged());
  }

  #arrive(): void {
    const { jobs, seed } = this.input;
    for (;;) {
      const job = jobs[this.#nextArrival];
      if (job === undefined || job.submittedAtMs > this.nowMs) {
        return;
      }
      this.#nextArrival += 1;
      this.#requests.push(submitRequest(job, seed));
    }
  }

  #measure(): void {
    if (this.nowMs < this.#nextMeasureMs) {
      return;
    }
    this.#nextMeasureMs += this.input.measureEveryMs;
    this.plant.resample(this.nowMs);
    if (this.scenario.isTelemetryStale) {
      return;
    }
    this.#requests.push(this.#meters.read(this.nowMs));
  }

  #takeReports(): void {
    const said = this.plant.takeSaid();
    if (this.scenario.isClusterAway) {
      this.#unsaid.push(...said);
      return;
    }
    const all = this.#unsaid.length === 0 ? said : [...this.#unsaid, ...said];
    this.#unsaid = [];
    if (all.length > 0) {
      this.#requests.push({ kind: "report", site: this.input.site.id, observations: all });
    }
  }

  #hear(request: Request, reply: Reply | undefined): void {
    if (reply?.kind === "reported") {
      for (const node of reply.refusedNodes) {
        this.plant.refused(node, this.nowMs);
      }
    }
    this.refusals.hear(request, reply, this.nowMs);
  }

  #onEntry(entry: Entry): void {
    for (const event of entry.events) {
      this.#stillness.observe(event);
      if (event.kind === "jobs-submitted") {
        event.items.forEach((item, at) => {
          const job = this.#jobByIndex.get(indexOf(item.requestId));
          if (job !== undefined) {
            this.#jobs.set(event.firstJob + at, job);
            this.#questions.note(event.firstJob + at, job);
          }
        });
      }
      this.recorder.observe(event, this.nowMs);
    }
    this.checks.observe(entry);
    for (const event of entry.events) {
      this.scenario.pass(event);
    }
  }

  #end(atMs: number, ending: Ending): void {
    this.isOver = true;
    this.ending = ending;
    if (ending === "stalled") {
      this.nowMs = this.recorder.dropQuiet();
    } else if (Number.isFinite(atMs)) {
      this.recorder.passTo(atMs);
      this.nowMs = atMs;
    }
    this.plant.countAll(this.nowMs);
    // Under a budget of the whole run jobs may wait for watts that never come; else all can run.
    const mayWait = ending === "stalled" && this.input.feedBudgetWatts !== undefined;
    this.checks.finish(
      ending === "horizon" || ending === "stuck" || mayWait,
      this.controller.timeAt(this.nowMs),
    );
  }
}
