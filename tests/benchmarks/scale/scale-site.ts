import { instant, toNumber } from "@ertis/quantities";
import {
  type AttemptKey,
  type Command,
  Engine,
  type Event,
  findAttempt,
  type Measure,
  type Observation,
  type Reply,
  type SubmitItem,
} from "@ertis/scheduler-engine";
import { startClock, type Took } from "../clock.ts";
import { seeded } from "../decision/full-site.ts";
import { accountsOf, drawFillers, drawRecipes, ItemMaker, type Recipe } from "./jobs.ts";
import { type SiteSize, siteText } from "./site-text.ts";

const startMs = 1_800_000_000_000;
/** What is drawn of what is counted. */
const drawnShare = 0.9;
/** Passes that a burst of starts may need; the writer loop goes on while the engine asks for more. */
const passesMax = 1_000;

/** Kinds of jobs that fill the site. */
const fillerKinds = 300;
/** The site is full when nothing has started in so many rounds. */
const stillRoundsMax = 3;
/** It fills in some forty rounds; more than this mean that something starts and stops for ever. */
const fillRoundsMax = 1_000;
/** A squeeze and the start that follows it take a little longer than the lead of its promise. */
const squeezeRounds = 15;

type WithoutAt<C> = C extends unknown ? Omit<C, "at"> : never;

/** How many of each event there were. */
export type EventCounts = Partial<Record<Event["kind"], number>>;

/** An engine under test with its own time, what runs on it, and which caps are still to be acknowledged. */
export class ScaleSite {
  readonly engine: Engine = new Engine();
  readonly random: (below: number) => number;
  readonly recipes: readonly Recipe[];
  readonly running: AttemptKey[] = [];
  readonly counts: EventCounts = {};
  readonly siteId = "scale";
  /** Of every command and pass. */
  readonly steps: Took[] = [];
  /** Attempts with an order that nobody has answered, oldest first. */
  readonly ordered = new Map<string, AttemptKey>();
  nowMs: number = startMs;
  readonly #items = new ItemMaker();
  readonly #starting: AttemptKey[] = [];
  readonly #stopping: AttemptKey[] = [];

  constructor(size: SiteSize, options: { readonly seed: number; readonly shapeCount: number }) {
    this.random = seeded(options.seed);
    this.recipes = drawRecipes(options.shapeCount, this.random);
    const text = siteText(size);
    this.#must({
      kind: "register-site",
      site: this.siteId,
      file: "scale.yaml",
      text,
      phases: "all",
    });
    const feed = this.engine.state.sites.get(this.siteId)?.site.domains[0];
    const accounts = accountsOf(
      size.nodeCount,
      feed === undefined ? 0 : toNumber(feed.usableWatts),
    );
    this.#must({ kind: "set-accounts", by: "operator", accounts });
  }

  #must(command: WithoutAt<Command>): void {
    const reply = this.run(command);
    if (reply.kind === "rejected") {
      throw new Error(reply.message);
    }
  }

  run(command: WithoutAt<Command>): Reply {
    const stop = startClock();
    const { entry, reply } = this.engine.execute({ ...command, at: instant(this.nowMs) });
    this.steps.push(stop());
    for (const event of entry.events) {
      this.counts[event.kind] = (this.counts[event.kind] ?? 0) + 1;
      this.#follow(event);
    }
    return reply;
  }

  /** What the writer loop does after every command. */
  settle(): void {
    for (let pass = 0; pass < passesMax && this.engine.needsPass; pass += 1) {
      this.run({ kind: "place" });
    }
  }

  #follow(event: Event): void {
    switch (event.kind) {
      case "attempt-started":
        this.running.push(event.attempt);
        this.#starting.push(event.attempt);
        break;
      case "cap-set":
        this.ordered.set(keyText(event.attempt), event.attempt);
        break;
      case "stop-requested":
        this.#stopping.push(event.attempt);
        break;
      default:
    }
  }

  /** Takes a running attempt out at random. */
  takeRunning(): AttemptKey | undefined {
    for (let last = this.running.pop(); last !== undefined; last = this.running.pop()) {
      const at = this.random(this.running.length + 1);
      const taken = this.running[at] ?? last;
      if (taken !== last) {
        this.running[at] = last;
      }
      if (this.#find(taken) !== undefined) {
        return taken;
      }
    }
    return undefined;
  }

  report(observations: readonly Observation[]): void {
    this.run({ kind: "report", site: this.siteId, observations });
  }

  /** Word of the oldest orders that are not acknowledged. */
  acknowledgements(countMax: number): readonly Observation[] {
    const found: Observation[] = [];
    for (const [text, attempt] of this.ordered) {
      this.ordered.delete(text);
      const state = this.#find(attempt);
      if (state?.capInForce !== undefined) {
        const { capWatts, capOrder } = state;
        found.push({ kind: "cap-applied", attempt, nodes: [], capWatts, order: capOrder });
        if (found.length === countMax) {
          break;
        }
      }
    }
    return found;
  }

  /** What nodes say by themselves: programs that began, victims that have saved their work and gone. */
  housekeeping(): readonly Observation[] {
    const running = this.#starting
      .splice(0)
      .map((attempt): Observation => ({ kind: "attempt-running", attempt }));
    const gone = this.#stopping.splice(0).flatMap((attempt): Observation[] => [
      { kind: "checkpointed", attempt },
      {
        kind: "attempt-exited",
        attempt,
        outcome: { kind: "failed", category: "preemption", exitCode: 0 },
      },
      { kind: "stop-confirmed", attempt, nodes: [] },
    ]);
    return [...running, ...gone];
  }

  #find({ job, task, attempt }: AttemptKey): ReturnType<typeof findAttempt> {
    const owner = this.engine.state.jobs.get(job);
    return owner === undefined ? undefined : findAttempt(owner, task, attempt);
  }

  /** Share of the feed's usable watts that is in force. */
  fullness(): number {
    const state = this.engine.state.sites.get(this.siteId);
    return (state?.horizons[0]?.load[0] ?? 0) / (state?.usableScaled[0] ?? 1);
  }

  /** Share of all GPUs that are held. */
  gpusHeld(): number {
    const state = this.engine.state.sites.get(this.siteId);
    const held = state?.gpusHeld.reduce((sum, count) => sum + count, 0) ?? 0;
    return held / (state?.nodeGpuCount.reduce((sum, count) => sum + count, 0) ?? 1);
  }

  attemptCount(): number {
    return this.engine.state.sites.get(this.siteId)?.attempts.size ?? 0;
  }

  /** A domain by its position, and what is counted there. */
  domain(at: number): { readonly id: string; readonly countedWatts: number } {
    const state = this.engine.state.sites.get(this.siteId);
    const domain = state?.site.domains[at];
    if (domain === undefined) {
      throw new Error(`the site has no domain ${at}`);
    }
    return {
      id: domain.id,
      countedWatts: (state?.horizons[0]?.load[at] ?? 0) / domain.loadScale,
    };
  }

  cappedCount(): number {
    return this.engine.state.sites.get(this.siteId)?.cappedCount ?? 0;
  }

  submit(recipes: readonly Recipe[]): void {
    const byOwner = Map.groupBy(recipes, ({ owner }) => owner);
    for (const [owner, own] of byOwner) {
      this.run({
        kind: "submit-jobs",
        owner,
        items: own.map((recipe) => this.itemOf(recipe)),
      });
    }
  }

  drawQueued(): Recipe {
    return pick(this.recipes, this.random);
  }

  /** Lets seconds pass: orders are acknowledged, programs begin, what falls due is done. */
  calmDown(seconds: number): void {
    for (let second = 0; second < seconds; second += 1) {
      this.nowMs += 1_000;
      const said = [...this.housekeeping(), ...this.acknowledgements(Infinity)];
      if (said.length > 0) {
        this.report(said);
      }
      if (this.isTickDue()) {
        this.run({ kind: "tick" });
      }
      this.settle();
    }
  }

  isTickDue(): boolean {
    const next = this.engine.nextTickAtMs();
    return next !== undefined && next <= this.nowMs;
  }

  itemOf({ spec }: Recipe): SubmitItem {
    return this.#items.make(spec);
  }

  /** A measurement of every domain and attempt: nine tenths of what is counted. */
  measurement(): WithoutAt<Measure> {
    const state = this.engine.state.sites.get(this.siteId);
    const load = state?.horizons[0]?.load;
    const domains = (state?.site.domains ?? []).map(({ index, loadScale }) => ({
      domain: index,
      watts: ((load?.[index] ?? 0) / loadScale) * drawnShare,
    }));
    const attempts = [...(state?.attempts ?? [])].map(({ job, task, attempt, placement }) => ({
      attempt: { job, task, attempt },
      watts: toNumber(placement.powerReserved) * drawnShare,
    }));
    return { kind: "measure", site: this.siteId, domains, attempts };
  }

  /** Fills the site until nothing more starts, then queues jobs behind. */
  fillUp(queuedCount: number): void {
    const fillers = drawFillers(fillerKinds, this.random);
    let rounds = 0;
    for (let stillCount = 0; stillCount < stillRoundsMax; rounds += 1) {
      if (rounds === fillRoundsMax) {
        throw new Error(`the site is not full after ${rounds} rounds`);
      }
      const before = this.running.length;
      this.submit(Array.from({ length: 500 }, () => pick(fillers, this.random)));
      this.calmDown(squeezeRounds);
      stillCount = this.running.length > before ? 0 : stillCount + 1;
    }
    for (let done = 0; done < queuedCount; done += 1_000) {
      this.submit(Array.from({ length: 1_000 }, () => this.drawQueued()));
    }
    this.calmDown(squeezeRounds);
  }
}

function pick(recipes: readonly Recipe[], random: (below: number) => number): Recipe {
  const recipe = recipes[random(recipes.length)];
  if (recipe === undefined) {
    throw new Error("there are no recipes");
  }
  return recipe;
}

function keyText({ job, task, attempt }: AttemptKey): string {
  return `${job}/${task}/${attempt}`;
}
