import { toNumber, watts } from "@ertis/quantities";
import {
  type Curtailment,
  type Event,
  type Observation,
  previewCurtailment,
} from "@ertis/scheduler-engine";
import { forkStream, type RandomStream } from "../chance/random-stream.ts";
import { TimeHeap } from "../chance/time-heap.ts";
import type { Request } from "../control/controller.ts";
import { coolingCeilings } from "./cooling.ts";
import {
  budgetRequest,
  cancelRequest,
  type Ceiling,
  ceilingWatts,
  curtailmentOf,
} from "./event-requests.ts";
import type { PlayedWorld } from "./played-world.ts";
import type { ScenarioEvent } from "./scenario-event.ts";

type Step =
  | { readonly kind: "event"; readonly event: ScenarioEvent }
  | { readonly kind: "end"; readonly event: ScenarioEvent }
  | { readonly kind: "cool"; readonly event: Cooling }
  | { readonly kind: "draw-failure" };

type Budgeting = Extract<ScenarioEvent, { readonly kind: "budget" }>;
type Cooling = Extract<ScenarioEvent, { readonly kind: "cooling" }>;

/** Heat builds up: so long after its ceilings hold, cooling takes more. */
const heatUpMs = 300_000;

const hourMs = 3_600_000;

/** Plays the events file, and failures that nobody planned. */
export class ScenarioPlayer {
  isTelemetryStale = false;
  isClusterAway = false;
  #areCapsStuck = false;
  readonly #world: PlayedWorld;
  readonly #heap = new TimeHeap<Step>();
  readonly #chance: RandomStream;
  /** Steps of the events file that are to come. */
  #stepCount = 0;
  /** What the scheduler decided while nobody could be told. */
  #unheard: Event[] = [];

  constructor(world: PlayedWorld) {
    this.#world = world;
    this.#chance = forkStream(world.input.seed, "scenario");
    for (const event of world.input.events) {
      this.#stepCount += 1;
      this.#heap.push(world.startMs + event.atMs, { kind: "event", event });
    }
    this.#planFailure(world.startMs);
  }

  /** Is nothing of the events file to come? Failures that nobody planned never end. */
  get isPlayed(): boolean {
    return this.#stepCount === 0;
  }

  /** Does nobody measure, or does no order arrive? */
  get isDisturbed(): boolean {
    return this.isTelemetryStale || this.isClusterAway || this.#areCapsStuck;
  }

  nextAtMs(): number {
    return this.#heap.nextAtMs();
  }

  play(nowMs: number): void {
    for (let step = this.#heap.takeDue(nowMs); step !== undefined;) {
      this.#playStep(step, nowMs);
      step = this.#heap.takeDue(nowMs);
    }
  }

  /** Hands an event of the scheduler to the plant, or keeps it while the cluster is away. */
  pass(event: Event): void {
    if (this.isClusterAway) {
      this.#unheard.push(event);
    } else {
      this.#world.plant.hear(event, this.#world.nowMs);
    }
  }

  #playStep(step: Step, nowMs: number): void {
    this.#stepCount -= step.kind === "draw-failure" ? 0 : 1;
    switch (step.kind) {
      case "event":
        return this.#begin(step.event, nowMs);
      case "end":
        return this.#end(step.event, nowMs);
      case "cool":
        return this.#world.plant.power.setLoadFactor(step.event.domain, step.event.factor, nowMs);
      case "draw-failure": {
        const { site } = this.#world.input;
        this.#world.plant.fail([this.#chance.below(site.nodes.length)], nowMs);
        this.#planFailure(nowMs);
      }
    }
  }

  #setCapsStuck(areStuck: boolean): void {
    this.#areCapsStuck = areStuck;
    this.#world.plant.setCapsStuck(areStuck);
  }

  #planFailure(nowMs: number): void {
    const { site, plant } = this.#world.input;
    const perMs = (plant.nodeFailuresPerHour * site.nodes.length) / hourMs;
    if (perMs > 0) {
      const waitMs = Math.ceil(-Math.log(1 - this.#chance.unit()) / perMs);
      this.#heap.push(nowMs + waitMs, { kind: "draw-failure" });
    }
  }

  #begin(event: ScenarioEvent, nowMs: number): void {
    const world = this.#world;
    switch (event.kind) {
      case "budget":
        return this.#setBudget(event, nowMs);
      case "curtailment":
        return this.#curtail(event, nowMs);
      case "feed-loss":
        this.#loseSupply(event);
        break;
      case "cooling":
        return this.#cool(event, nowMs);
      case "cancel-curtailment":
        return world.ask(cancelRequest(event.id));
      case "node-failure":
        return world.plant.fail(this.#someNodes(event), nowMs, event.repairMs);
      case "clock-step":
        world.controller.clockOffsetMs += event.byMs;
        return;
      case "stale-telemetry":
        this.isTelemetryStale = true;
        break;
      case "stuck-caps":
        this.#setCapsStuck(true);
        break;
      case "cluster-away":
        world.ask(this.#clusterReport("cluster-away"));
        this.isClusterAway = true;
    }
    this.#stepCount += 1;
    this.#heap.push(nowMs + event.forMs, { kind: "end", event });
  }

  #end(event: ScenarioEvent, nowMs: number): void {
    switch (event.kind) {
      case "stale-telemetry":
        this.isTelemetryStale = false;
        return;
      case "stuck-caps":
        return this.#setCapsStuck(false);
      case "feed-loss":
        return this.#world.ask(this.#report({ kind: "supply-back", domain: event.domain }));
      case "cooling":
        return this.#world.plant.power.setLoadFactor(event.domain, undefined, nowMs);
      case "cluster-away": {
        this.isClusterAway = false;
        this.#world.ask(this.#clusterReport("cluster-back"));
        const unheard = this.#unheard;
        this.#unheard = [];
        for (const one of unheard) {
          this.#world.plant.hear(one, nowMs);
        }
        return;
      }
      default:
    }
  }

  #clusterReport(kind: "cluster-away" | "cluster-back"): Request {
    return this.#report({ kind });
  }

  #report(observation: Observation): Request {
    return { kind: "report", site: this.#world.input.site.id, observations: [observation] };
  }

  #loseSupply({ domain, left }: Extract<ScenarioEvent, { readonly kind: "feed-loss" }>): void {
    const remaining = watts(ceilingWatts(this.#world.input.site, domain, left));
    this.#world.ask(this.#report({ kind: "supply-lost", domain, remaining }));
  }

  #setBudget(event: Budgeting, nowMs: number): void {
    const { domain, ceiling } = event;
    const most = ceilingWatts(this.#world.input.site, domain, ceiling);
    this.#setCeiling(event, { suffix: "", domain, watts: most }, nowMs);
  }

  #setCeiling(event: Cooling | Budgeting, ceiling: Ceiling, nowMs: number): void {
    const { input, controller } = this.#world;
    this.#world.ask(budgetRequest(input.site, event, ceiling, controller.timeAt(nowMs)));
  }

  #cool(event: Cooling, nowMs: number): void {
    const { domain, factor, noticeMs, forMs } = event;
    for (const ceiling of coolingCeilings(this.#world.input.site, domain, factor)) {
      this.#setCeiling(event, { ...ceiling, suffix: `-${ceiling.domain}` }, nowMs);
    }
    this.#stepCount += 2;
    const fromMs = nowMs + noticeMs;
    this.#heap.push(fromMs + Math.min(heatUpMs, forMs), { kind: "cool", event });
    this.#heap.push(fromMs + forMs, { kind: "end", event });
  }

  #curtail(event: Extract<ScenarioEvent, { readonly kind: "curtailment" }>, nowMs: number): void {
    const curtailment = curtailmentOf(this.#world, event, this.#world.controller.timeAt(nowMs));
    this.#notePreview(curtailment);
    this.#world.ask({ kind: "schedule-curtailment", by: "simulator", curtailment });
  }

  /** When its target is said to hold is what it is held to. */
  #notePreview(curtailment: Curtailment): void {
    const { controller, checks } = this.#world;
    const seen = previewCurtailment(controller.engine.state, curtailment);
    if (seen.kind === "preview") {
      checks.targets.promise(curtailment.id, toNumber(seen.forecast.timeToTarget));
    }
  }

  /** Nodes below a domain, drawn without repetition. */
  #someNodes(event: Extract<ScenarioEvent, { readonly kind: "node-failure" }>): readonly number[] {
    const { site } = this.#world.input;
    const isBelow = (domain: number): boolean => {
      for (let at = domain; at >= 0; at = site.domains[at]?.parentIndex ?? -1) {
        if (at === event.domain) {
          return true;
        }
      }
      return false;
    };
    const left = site.nodes.filter(({ domainIndex }) => isBelow(domainIndex)).map((n) => n.index);
    const chosen: number[] = [];
    while (chosen.length < event.nodeCount && left.length > 0) {
      chosen.push(...left.splice(this.#chance.below(left.length), 1));
    }
    return chosen;
  }
}
