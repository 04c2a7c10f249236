import { instant, milliseconds, toNumber, watts } from "@ertis/quantities";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Engine } from "../engine.ts";
import { stateDigest } from "../history/digest.ts";
import { decodeEntry, encodeEntry } from "../history/entry-codec.ts";
import { encodeSnapshot, SnapshotReader } from "../history/snapshot.ts";
import { complianceOf } from "../read/compliance.ts";
import { cappedHub, hourMs, spec, startMs } from "../read/test-hub.ts";
import { known } from "../state/assert.ts";
import { activeAttempts } from "../state/job.ts";
import { nodeAsleep, type SiteState } from "../state/site-state.ts";
import type { Observation } from "../words/attempt.ts";
import type { Command } from "../words/command.ts";
import type { Entry } from "../words/event.ts";
import type { FlexibilityTier } from "../words/job-spec.ts";

const minuteMs = 60_000;

/** Every run as the last one; `npm run soak` asks for more (`ERTIS_SOAK_RUNS`), and other seeds. */
function runs(count: number): { readonly seed: number; readonly numRuns: number } {
  const seed = Number(process.env["ERTIS_SEED"] ?? "11");
  return { seed, numRuns: Number(process.env["ERTIS_SOAK_RUNS"] ?? String(count)) };
}

type Step =
  | {
      readonly kind: "job";
      readonly nodes: number;
      readonly tier: FlexibilityTier;
      readonly canPause: boolean;
      /** It goes on with one node, too. */
      readonly isMalleable: boolean;
      readonly tasks: number;
    }
  | {
      readonly kind: "curtail";
      readonly domain: number;
      readonly part: number;
      readonly inMinutes: number;
      readonly minutes: number;
      readonly ramp: number;
      readonly isPlanned: boolean;
    }
  | { readonly kind: "cancel" | "supply-back" | "measure" | "node-lost" }
  | { readonly kind: "supply-lost"; readonly domain: number; readonly part: number }
  | { readonly kind: "acknowledge"; readonly silent: number }
  | { readonly kind: "stops" }
  | { readonly kind: "pass"; readonly seconds: number };

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("job" as const),
    nodes: fc.integer({ min: 1, max: 3 }),
    tier: fc.constantFrom<FlexibilityTier>(0, 10, 25, 50, 50),
    canPause: fc.boolean(),
    isMalleable: fc.boolean(),
    tasks: fc.constantFrom(1, 1, 3),
  }),
  fc.record({
    kind: fc.constant("curtail" as const),
    domain: fc.nat({ max: 4 }),
    part: fc.double({ min: 0.4, max: 1, noNaN: true }),
    inMinutes: fc.constantFrom(0, 0, 1, 20),
    minutes: fc.constantFrom(5, 30, 120),
    ramp: fc.constantFrom(0, 5),
    isPlanned: fc.boolean(),
  }),
  fc.record({
    kind: fc.constantFrom("cancel" as const, "supply-back" as const, "node-lost" as const),
  }),
  fc.record({ kind: fc.constant("measure" as const) }),
  fc.record({
    kind: fc.constant("supply-lost" as const),
    domain: fc.nat({ max: 4 }),
    part: fc.double({ min: 0.3, max: 0.9, noNaN: true }),
  }),
  fc.record({ kind: fc.constant("acknowledge" as const), silent: fc.nat({ max: 20 }) }),
  fc.record({ kind: fc.constant("acknowledge" as const), silent: fc.constant(99) }),
  fc.record({ kind: fc.constant("stops" as const) }),
  fc.record({ kind: fc.constant("pass" as const), seconds: fc.constantFrom(1, 3, 60, 900) }),
);

/** An engine, and a copy that only replays what was written down. */
class World {
  readonly engine = new Engine();
  readonly copy = new Engine();
  nowMs: number = startMs;
  #count = 0;

  constructor() {
    const text = cappedHub();
    const file = "hub.yaml";
    this.#execute({
      kind: "register-site",
      at: this.#at,
      site: "hub",
      file,
      text,
      phases: "built",
    });
  }

  get #at(): ReturnType<typeof instant> {
    return instant(this.nowMs);
  }

  get site(): SiteState {
    return known(this.engine.state.sites.get("hub"), "hub");
  }

  #execute(command: Command): void {
    const { entry } = this.engine.execute(command);
    const read: Entry = decodeEntry(encodeEntry(entry));
    this.copy.replay(read);
  }

  #report(...observations: readonly Observation[]): void {
    this.#execute({ kind: "report", at: this.#at, site: "hub", observations });
  }

  take(step: Step): void {
    const { state } = this.engine;
    this.#count += 1;
    switch (step.kind) {
      case "job":
        return this.#submit(step);
      case "curtail":
        return this.#curtail(step);
      case "cancel":
        for (const id of state.curtailments.records.keys()) {
          return this.#execute({
            kind: "cancel-curtailment",
            at: this.#at,
            by: "o",
            reason: "",
            id,
          });
        }
        return;
      case "supply-lost":
        return this.#report({
          kind: "supply-lost",
          domain: step.domain,
          remaining: watts(Math.round(this.#loadWatts(step.domain) * step.part)),
        });
      case "supply-back":
        return this.#report(
          ...[...this.site.lostSupplies.keys()].map(
            (domain) => ({ kind: "supply-back", domain }) as const,
          ),
        );
      case "node-lost":
        return this.#report({ kind: "node-lost", node: this.#count % 8 });
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
        nodeCount: nodes,
        nodeCountMin: isMalleable ? 1 : nodes,
        taskCount: tasks,
        flexibilityTier: tier,
        workloadClass: "straight",
        walltime: milliseconds(9 * hourMs),
        ...(canPause ? { checkpoint } : {}),
      }),
    };
    this.#execute({ kind: "submit-jobs", at: this.#at, owner: "aida", items: [item] });
    this.place();
  }

  place(): void {
    this.#execute({ kind: "place", at: this.#at });
  }

  #curtail(step: Extract<Step, { readonly kind: "curtail" }>): void {
    const domain = known(this.site.site.domains[step.domain], "domain");
    const startsAt = this.nowMs + step.inMinutes * minuteMs;
    this.#execute({
      kind: "schedule-curtailment",
      at: this.#at,
      by: "olga",
      curtailment: {
        id: `c${this.#count}`,
        site: "hub",
        domain: domain.id,
        mode: step.isPlanned ? "planned" : "emergency",
        target: watts(Math.round(this.#loadWatts(step.domain) * step.part)),
        baseline: watts(0),
        start: instant(startsAt),
        end: instant(startsAt + step.minutes * minuteMs),
        ramp: milliseconds(step.ramp * minuteMs),
        reason: "grid",
        setBy: "olga",
        noticedAt: this.#at,
      },
    });
  }

  #loadWatts(domain: number): number {
    const scale = this.site.site.domains[domain]?.loadScale ?? 1;
    return (this.site.horizons[0]?.load[domain] ?? 0) / scale;
  }

  #measure(): void {
    this.nowMs += 10_000;
    const attempts = [...this.site.attempts].map((one) => ({
      attempt: { job: one.job, task: one.task, attempt: one.attempt },
      watts: one.heldNodes.length * (2_000 + 8 * 0.95 * (one.capWatts === 0 ? 400 : one.capWatts)),
    }));
    const total = attempts.reduce((sum, one) => sum + one.watts, 1_000);
    const domains = [{ domain: 0, watts: total }];
    this.#execute({ kind: "measure", at: this.#at, site: "hub", domains, attempts });
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
    this.#report(...reports);
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
    this.#report(...reports);
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
      this.#execute({ kind: "tick", at: this.#at });
      if (next === this.nowMs && (this.engine.nextTickAtMs() ?? Infinity) <= this.nowMs) {
        throw new Error("a tick leaves something due that it should have done");
      }
    }
    this.nowMs = untilMs;
    this.#execute({ kind: "tick", at: this.#at });
    this.place();
  }

  #switchOff(): void {
    const reports: Observation[] = [];
    this.site.nodeFlags.forEach((flags, node) => {
      if ((flags & nodeAsleep) !== 0) {
        reports.push({ kind: "node-powered-off", node });
      }
    });
    this.#report(...reports);
  }

  /** Everybody obeys, and everything that was asked to stop is gone. */
  settle(): void {
    for (let round = 0; round < 8; round += 1) {
      this.acknowledge(-1);
      this.#confirmStops();
      this.#switchOff();
      this.pass(3_000);
    }
  }
}

function check({ engine, copy, site }: World): void {
  const load = site.horizons[0]?.load ?? new Float64Array(0);
  load.forEach((one, domain) => {
    // Breakers bound the sum of bounds at every instant, whatever happens.
    expect(one).toBeLessThanOrEqual(site.usableScaled[domain] ?? 0);
  });
  for (const { capWatts, floorCapWatts, phase } of site.attempts) {
    if (phase !== "exited" && capWatts !== 0) {
      expect(floorCapWatts).toBeGreaterThan(0);
      expect(capWatts).toBeGreaterThanOrEqual(200);
    }
  }
  expect(stateDigest(copy.state)).toBe(stateDigest(engine.state));
}

test("whatever comes over curtailments, limits hold, and a replay and a restart know the same", () => {
  fc.assert(
    fc.property(fc.array(steps, { minLength: 5, maxLength: 40 }), (list) => {
      const world = new World();
      for (const step of list) {
        world.take(step);
        check(world);
      }
      const reader = new SnapshotReader();
      for (const chunk of encodeSnapshot(world.engine.state)) {
        reader.add(chunk);
      }
      const again = new Engine(world.engine.limits, reader.finish());
      expect(stateDigest(again.state)).toBe(stateDigest(world.engine.state));
      for (const id of world.engine.state.curtailments.records.keys()) {
        expect(complianceOf(again.state, id)).toEqual(complianceOf(world.engine.state, id));
      }
    }),
    runs(60),
  );
});

test("once everybody has obeyed, bounds fit every limit and every emergency", () => {
  fc.assert(
    fc.property(fc.array(steps, { minLength: 5, maxLength: 30 }), (list) => {
      const world = new World();
      for (const step of list) {
        // A lost node keeps its bound for good.
        if (step.kind !== "node-lost") {
          world.take(step);
        }
      }
      world.settle();
      const { site } = world;
      const idle = idleLoads(site);
      site.horizons[0]?.load.forEach((one, domain) => {
        const ceiling = Math.max(site.forcedCeiling[domain] ?? 0, idle[domain] ?? 0);
        expect(one).toBeLessThanOrEqual(ceiling + 1e-6);
      });
      for (const job of world.engine.state.jobs.after(0)) {
        for (const attempt of activeAttempts(job)) {
          expect(toNumber(job.spec.walltime)).toBeGreaterThan(0);
          expect(attempt.capInForce).toBeUndefined();
        }
      }
    }),
    runs(60),
  );
});

/** Nodes that are on draw at least this: a target below it cannot be reached by anybody. */
function idleLoads(site: SiteState): Float64Array {
  const load = site.fixedScaled.slice();
  site.nodeDomain.forEach((domain, node) => {
    const idle = Math.min(site.nodeBounds[node]?.[0] ?? 0, site.horizons[0]?.nodeWatts[node] ?? 0);
    load[domain] = (load[domain] ?? 0) + idle * (site.nodeMultiplier[domain] ?? 0);
  });
  for (let domain = load.length - 1; domain > 0; domain -= 1) {
    const parent = site.parent[domain] ?? 0;
    load[parent] = (load[parent] ?? 0) + (load[domain] ?? 0) * (site.parentMultiplier[domain] ?? 0);
  }
  return load;
}
