import { fileURLToPath } from "node:url";

export interface ExampleFiles {
  readonly site: string;
  readonly trace: string;
  readonly events: string | undefined;
}

/** Files of the built-in example: a small hall, a day and a half of jobs, and what goes wrong. */
export const exampleFiles: ExampleFiles & { readonly events: string } = {
  site: fileOf("hall.yaml"),
  trace: fileOf("day.csv"),
  events: fileOf("events.yaml"),
};

/** A question that grid and weather ask, with the files that play it. */
export interface Scenario extends ExampleFiles {
  readonly name: string;
  readonly what: string;
  /** Ceiling of the feed, and the one it is compared with, as written on the command line. */
  readonly budget?: string;
  readonly compare?: string;
  /** Arrivals so many times as fast. */
  readonly rate?: number;
}

export const scenarios: readonly Scenario[] = [
  onHub("winter-peak", "a winter evening: 20 % less for 4 h, told before"),
  onHub("emergency", "the grid in need: 30 % less within 30 s, for 1 h"),
  onHub("emergency-target", "the grid asks for 20 % less at once, for 1 h, and every tier is kept"),
  onHub("unit-trip", "a power plant's unit trips: 50 % less for 30 min, told 10 min before"),
  onHub("hall-feed", "one of two feeds of a hall is lost"),
  onHub("summer", "no free cooling: load factor 1.35 for 1.25"),
  {
    name: "more-power",
    what: "what 60 MW more would give a hub of 19,200 nodes",
    site: fileOf("scenarios/large-hub.yaml"),
    trace: fileOf("scenarios/large-jobs.csv"),
    events: undefined,
    budget: "160MW",
    compare: "+60MW",
    // As the trace has them, jobs hardly wait at 160 MW: more power is worth something to those who do.
    rate: 2,
  },
];

function onHub(name: string, what: string): Scenario {
  return {
    name,
    what,
    site: fileOf("scenarios/hub.yaml"),
    trace: fileOf("scenarios/jobs.csv"),
    events: fileOf(`scenarios/${name}.yaml`),
  };
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
}
