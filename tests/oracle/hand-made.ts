import { instant, type Milliseconds, milliseconds, watts } from "@ertis/quantities";
import type {
  AttemptKey,
  Command,
  Entry,
  Event,
  JobSpec,
  Placement,
  RecordedCommand,
} from "@ertis/scheduler-engine";
import { createOracle, type OracleOptions, type Violation } from "./index.ts";
import { plainSpecWith } from "../plain-spec.ts";

export const startMs = 1_700_000_000_000;
export const minuteMs = 60_000;

/** Two racks of two nodes with four GPUs: 100 W idle, 500 W peak. Three busy nodes fill the feed. */
const siteText = `site: hand
title: Made by hand
nodeClasses:
  four: {gpuModel: alpha, gpuCount: 4, idle: 100 W, peak: 500 W, partUse: share, source: assumption}
feed:
  supplies: 2 × 1600 W
  redundancy: 2N
  source: assumption
  racks:
    - {name: rack-1, limit: 1 kW, nodes: 2 × four, source: assumption}
    - {name: rack-2, limit: 1 kW, nodes: 2 × four, source: assumption}
`;

/** The same site whose GPUs take caps: 100 W each, half of it at the lowest. */
export const cappedSite: string = siteText.replace(
  "partUse: share",
  "partUse: share, gpuCap: 50 W..100 W",
);

/** The same site with a weaker feed, for edits. */
export const weakerSite: string = siteText.replace("2 × 1600 W", "2 × 1200 W");

export function handSpec(changes: Partial<JobSpec> = {}): JobSpec {
  return plainSpecWith({ gpusPerNode: 4, walltime: milliseconds(10 * minuteMs), ...changes });
}

export function keyOf(job: number, task = 0, attempt = 1): AttemptKey {
  return { job, task, attempt };
}

/** Writes entries by hand, right or wrong, and shows them to an oracle. */
export class HandMade {
  atMs: number = startMs;
  readonly #oracle: ReturnType<typeof createOracle>;
  #requestCount = 0;

  constructor(options: OracleOptions = {}) {
    this.#oracle = createOracle(options);
    this.register(siteText);
  }

  get at(): Entry["at"] {
    return instant(this.atMs);
  }

  /** @returns the names of the properties that the entry breaks */
  entry(command: RecordedCommand, ...events: readonly Event[]): readonly string[] {
    const found = this.#oracle.observe({ at: this.at, command, events });
    return [...new Set(found.map((one: Violation) => one.property))];
  }

  register(text: string): readonly string[] {
    const registration = { site: "hand", file: "hand.yaml", text, phases: "all" } as const;
    return this.entry(
      { kind: "register-site", at: this.at, ...registration },
      { kind: "site-registered", registration, revision: "" },
    );
  }

  /** Submits one job after the other; their numbers follow from 1. */
  submit(firstJob: number, ...specs: readonly Partial<JobSpec>[]): readonly string[] {
    return this.entry(
      { kind: "submit-jobs", at: this.at },
      {
        kind: "jobs-submitted",
        owner: "aliya",
        firstJob,
        items: specs.map((changes) => {
          this.#requestCount += 1;
          return {
            requestId: `id-${this.#requestCount}`,
            bodyHash: 1,
            spec: handSpec(changes),
          };
        }),
      },
    );
  }

  /** Starts an attempt on whole nodes unless told otherwise. */
  start(
    attempt: AttemptKey,
    nodes: readonly number[],
    changes: Partial<Placement> & {
      readonly endsByMs?: number;
      readonly work?: Milliseconds;
    } = {},
  ): readonly string[] {
    const { endsByMs, work, ...placement } = changes;
    return this.entry(
      { kind: "place", at: this.at },
      {
        kind: "attempt-started",
        attempt,
        placement: {
          site: "hand",
          nodes,
          gpuMasks: nodes.map(() => 15),
          powerReserved: watts(400 * nodes.length),
          capWatts: 0,
          ...placement,
        },
        endsBy: instant(endsByMs ?? this.atMs + 10 * minuteMs),
        ...(work === undefined ? {} : { work }),
      },
    );
  }

  command<Kind extends "tick" | "place">(kind: Kind): Extract<Command, { readonly kind: Kind }> {
    return { kind, at: this.at } as Extract<Command, { readonly kind: Kind }>;
  }

  /** An attempt exits and every node confirms. */
  end(attempt: AttemptKey): readonly string[] {
    return this.entry(
      {
        kind: "report",
        at: this.at,
        site: "hand",
        observations: [
          { kind: "attempt-exited", attempt, outcome: { kind: "succeeded" } },
          { kind: "stop-confirmed", attempt, nodes: [] },
        ],
      },
      { kind: "attempt-exited", attempt, outcome: { kind: "succeeded" }, next: "finish" },
      { kind: "placement-released", attempt, nodes: [] },
    );
  }

  finish(): readonly string[] {
    return this.#oracle.finish().map((one) => one.property);
  }
}
