import type { Event, Observation } from "@ertis/scheduler-engine";
import type { Site } from "@ertis/site-model";
import { forkStream } from "../chance/random-stream.ts";
import { TimeHeap } from "../chance/time-heap.ts";
import type { PlantAttempt } from "./plant-attempt.ts";
import { PlantCaps } from "./plant-caps.ts";
import { gpuWattsOf } from "./plant-draw.ts";
import { drawMs, type Happening, type NodeHappening, type PlantContext } from "./plant-context.ts";
import { PlantNodes } from "./plant-nodes.ts";
import { PlantNoise } from "./plant-noise.ts";
import { PlantPower } from "./plant-power.ts";
import { type ProgramOptions, PlantPrograms } from "./plant-programs.ts";
import type { PlantRules } from "./plant-rules.ts";
import { PlantWakes } from "./plant-wakes.ts";
import type { PlantWork } from "./plant-work.ts";

export interface PlantOptions extends ProgramOptions {
  readonly site: Site;
  readonly rules: PlantRules;
  readonly seed: number;
  readonly startMs: number;
}

/**
 * What really happens: programs run, draw, end and fail. It hears what the scheduler decided and says
 * what an executor would say; its curves, noise and failures are its own.
 */
export class Plant {
  readonly power: PlantPower;
  readonly #context: PlantContext;
  readonly #nodes: PlantNodes;
  readonly #noise: PlantNoise;
  readonly #programs: PlantPrograms;
  readonly #caps: PlantCaps;
  readonly #wakes: PlantWakes;
  #said: Observation[] = [];

  constructor(options: PlantOptions) {
    const { site, seed, rules, startMs } = options;
    this.power = new PlantPower(site, startMs);
    this.#context = {
      rules,
      chance: forkStream(seed, "plant"),
      heap: new TimeHeap<Happening>(),
      say: (observation) => {
        this.#said.push(observation);
      },
    };
    this.#noise = new PlantNoise(seed, rules);
    this.#nodes = new PlantNodes(site, this.power, startMs);
    this.#programs = new PlantPrograms(options, this.#context, this.#nodes, this.#noise);
    this.#caps = new PlantCaps(this.#context, this.#programs, this.#nodes);
    this.#wakes = new PlantWakes(this.#context, seed, this.#nodes, this.#programs);
  }

  get attempts(): ReadonlyMap<string, PlantAttempt> {
    return this.#programs.attempts;
  }

  get work(): PlantWork {
    return this.#programs.work;
  }

  nextAtMs(): number {
    return this.#context.heap.nextAtMs();
  }

  /** What an executor has to say since the last time. */
  takeSaid(): readonly Observation[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  /** Lets everything happen that is due. */
  advance(nowMs: number): void {
    const { heap } = this.#context;
    for (let due = heap.takeDue(nowMs); due !== undefined; due = heap.takeDue(nowMs)) {
      if ("ask" in due) {
        this.#wakes.happen(due, nowMs);
      } else if ("node" in due) {
        this.#happenToNode(due, nowMs);
      } else if ("order" in due) {
        this.#caps.happen(due, nowMs);
      } else {
        this.#programs.happen(due, nowMs);
      }
    }
  }

  /** Hears one event of the scheduler. */
  hear(event: Event, nowMs: number): void {
    const { heap, rules } = this.#context;
    switch (event.kind) {
      case "attempt-started":
        return this.#programs.start(event.attempt, event.placement, nowMs);
      case "stop-requested":
        return this.#programs.stop(event.attempt, event.reason, nowMs);
      case "cap-set":
        return this.#caps.send(event, nowMs);
      case "node-returned":
        return this.#wakes.grant(event.node, event.wake, nowMs);
      case "node-lost":
        return this.#wakes.giveUp(event.node, nowMs);
      case "node-sleep-requested":
        return event.nodes.forEach((node) =>
          heap.push(nowMs + rules.sleepMs, { kind: "node-off", node }),
        );
      case "node-wake-requested":
        return event.nodes.forEach((node) =>
          heap.push(nowMs + rules.wakeMs, { kind: "node-on", node }),
        );
      default:
    }
  }

  /** Nodes that die at once, whatever runs on them. `repairMs` from the notice on; undefined: as drawn. */
  fail(nodes: readonly number[], nowMs: number, repairMs?: number): void {
    const { rules } = this.#context;
    for (const node of nodes) {
      if (!this.#nodes.isOn(node)) {
        continue;
      }
      this.#nodes.setPhase(node, "failed", nowMs);
      for (const attempt of this.#nodes.attemptsOn(node)) {
        this.#programs.stall(attempt, nowMs);
      }
      const noticedMs = nowMs + drawMs(this.#context, rules.noticeMs);
      const fencedMs = noticedMs + drawMs(this.#context, rules.fenceMs);
      this.#context.heap.push(noticedMs, { kind: "node-lost", node });
      this.#context.heap.push(fencedMs, { kind: "node-fenced", node });
      this.#context.heap.push(fencedMs + (repairMs ?? drawMs(this.#context, rules.repairMs)), {
        kind: "node-repaired",
        node,
      });
    }
  }

  /** A node that has to stay off for want of watts asks again later. */
  refused(node: number, nowMs: number): void {
    this.#context.heap.push(nowMs + 60_000, { kind: "node-on", node });
  }

  /** While stuck, GPUs take no new caps. */
  setCapsStuck(areStuck: boolean): void {
    this.#caps.areStuck = areStuck;
  }

  /** Draws the noise of this moment anew for everything that runs. */
  resample(nowMs: number): void {
    if (!this.#noise.isSilent) {
      for (const attempt of this.attempts.values()) {
        this.#programs.drawAttempt(attempt, nowMs);
      }
    }
  }

  /** Counts what runs on at the end of a run as kept. */
  countAll(nowMs: number): void {
    for (const attempt of this.attempts.values()) {
      this.work.credit(attempt, nowMs, true);
    }
  }

  /** Do its nodes have meters of GPUs? */
  hasGpuMeters(attempt: PlantAttempt): boolean {
    return gpuWattsOf(attempt, this.#nodes.classOf(attempt.nodes[0] ?? -1)) !== undefined;
  }

  #happenToNode({ kind, node }: NodeHappening, nowMs: number): void {
    switch (kind) {
      case "node-lost":
        this.#context.say({ kind: "node-lost", node });
        return;
      case "node-fenced":
        this.#context.say({ kind: "node-powered-off", node });
        return this.#programs.releaseAllOn(node);
      case "node-off":
        if (!this.#nodes.isIdle(node)) {
          return;
        }
        if (this.#nodes.isWaking(node)) {
          this.#wakes.cancel(node, nowMs);
          this.#context.say({ kind: "node-powered-off", node });
        } else if (this.#nodes.isOn(node)) {
          this.#nodes.setPhase(node, "off", nowMs);
          this.#context.say({ kind: "node-powered-off", node });
        }
        return;
      case "node-repaired":
        this.#nodes.setPhase(node, "off", nowMs);
        this.#context.say({ kind: "node-ready", node });
        return;
      case "node-on":
        // What has died meanwhile does not boot, nor what does not come up.
        if (this.#nodes.hasFailed(node) || this.#nodes.isWaking(node)) {
          return;
        }
        // Draws idle watts only once it is let in; what boots meanwhile is granted its bound first.
        this.#context.say({ kind: "node-ready", node });
    }
  }
}
