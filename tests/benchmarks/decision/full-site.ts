import { readFileSync } from "node:fs";

import { instant, milliseconds, toNumber } from "@ertis/quantities";
import {
  type AttemptKey,
  type Command,
  Engine,
  type JobSpec,
  type RegisterSite,
  type Reply,
  type SubmitItem,
} from "@ertis/scheduler-engine";

import { plainSpecWith } from "../../plain-spec.ts";

const startMs = 1_800_000_000_000;
const site = "pavlodar-hub-overbuilt";

type WithoutAt<C> = C extends unknown ? Omit<C, "at"> : never;

/** Small seeded generator (xorshift32), so that a run can be repeated. */
export function seeded(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** The over-built hub, as it is registered. */
export function registrationOf(): WithoutAt<RegisterSite> {
  const name = "pavlodar-hub-overbuilt.yaml";
  const text = readFileSync(new URL(`../sites/${name}`, import.meta.url), "utf8");
  return { kind: "register-site", site, file: name, text, phases: "all" };
}

/** An engine under test with its own time and what runs on it. */
export class FullSite {
  readonly engine: Engine = new Engine();
  readonly registration: WithoutAt<RegisterSite>;
  readonly random: (below: number) => number;
  readonly running: AttemptKey[] = [];
  nowMs: number = startMs;
  #requests = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
    this.registration = registrationOf();
    this.run(this.registration);
  }

  run(command: WithoutAt<Command>): Reply {
    const { entry, reply } = this.engine.execute({ ...command, at: instant(this.nowMs) });
    for (const event of entry.events) {
      if (event.kind === "attempt-started") {
        this.running.push(event.attempt);
      }
    }
    return reply;
  }

  /** Takes a running attempt out at random. */
  takeRunning(): AttemptKey | undefined {
    const at = this.random(this.running.length);
    const last = this.running.pop();
    const taken = this.running[at] ?? last;
    if (last !== undefined && at < this.running.length) {
      this.running[at] = last;
    }
    return taken;
  }

  item(change: Partial<JobSpec>): SubmitItem {
    this.#requests += 1;
    const requestId = `00000000-0000-4000-8000-${this.#requests.toString(16).padStart(12, "0")}`;
    return { requestId, bodyHash: 1, spec: plainSpecWith(change) };
  }

  /** Share of the feed's usable watts that is in force. */
  fullness(): number {
    const state = this.engine.state.sites.get(site);
    const feed = state?.site.domains[0];
    const scaled = state?.horizons[0]?.load[0] ?? 0;
    return feed === undefined ? 0 : scaled / feed.loadScale / toNumber(feed.usableWatts);
  }

  /**
   * Fills the site with gangs of a stated mix until nothing more starts, then queues `queuedCount`
   * jobs of `shapeCount` shapes (nodes × GPUs × priority × walltime) behind it.
   */
  fillUp(options: { readonly share: number; readonly queuedCount: number }): void {
    while (this.fullness() < options.share) {
      this.run({ kind: "submit-jobs", owner: "filler", items: this.#fillers(500) });
      const before = this.running.length;
      this.run({ kind: "place" });
      if (this.running.length === before) {
        break;
      }
    }
    for (let done = 0; done < options.queuedCount; done += 1_000) {
      const items = Array.from({ length: 1_000 }, () => this.item(this.queuedShape()));
      this.run({ kind: "submit-jobs", owner: "researcher", items });
    }
    this.run({ kind: "place" });
  }

  #fillers(count: number): SubmitItem[] {
    return Array.from({ length: count }, () => {
      const isGang = this.random(10) < 3;
      return this.item({
        nodeCount: isGang ? 2 ** this.random(5) : 1,
        gpusPerNode: isGang ? 8 : (([1, 2, 4, 8] as const)[this.random(4)] ?? 8),
        walltime: milliseconds((1 + this.random(72)) * 3_600_000),
      });
    });
  }

  /** One of about 1,000 shapes: 8 gang sizes × 4 GPU counts × some 30 steps of walltime. */
  queuedShape(): Partial<JobSpec> {
    const gang = [1, 1, 1, 2, 3, 4, 8, 16, 32, 64][this.random(10)] ?? 1;
    const gpus = [1, 2, 4, 8][this.random(4)] ?? 8;
    return {
      nodeCount: gang,
      gpusPerNode: gpus,
      walltime: milliseconds(Math.round(600_000 * 1.19 ** this.random(31))),
    };
  }
}
