import { readFileSync } from "node:fs";

import {
  createInProcessExecutor,
  createSimulatedCluster,
  createSteppedClock,
  type Physics,
  settleAll,
  type SimulatedCluster,
  type SteppedClock,
} from "@ertis/executor-simulated";
import { instant, milliseconds, toNumber } from "@ertis/quantities";
import {
  defaultLimits,
  type EngineLimits,
  type JobSpec,
  type SubmitItem,
} from "@ertis/scheduler-engine";
import {
  type Clock,
  type EventLog,
  type Reporter,
  type Request,
  type Scheduler,
  startScheduler,
} from "@ertis/scheduler-runtime";
import { parseSite, type Site } from "@ertis/site-model";

import { plainSpecWith } from "../plain-spec.ts";

const siteFile = new URL("./two-rows.yaml", import.meta.url);

export const startMs = 1_800_000_000_000;

export const silent: Reporter = { info: () => {}, warn: () => {} };

const siteText: string = readFileSync(siteFile, "utf8");

function readSite(text: string = siteText): Site {
  const result = parseSite({ file: "site.yaml", text });
  if (result.kind === "errors") {
    throw new Error(JSON.stringify(result.errors));
  }
  return result.site;
}

/** A simulated cluster and the time it lives in; both outlive the schedulers that use them. */
export interface World {
  readonly time: SteppedClock;
  readonly cluster: SimulatedCluster;
  readonly siteText: string;
  /** So often the meters are read; 0: never. */
  readonly measureEveryMs: number;
  readonly parts: { settle: () => Promise<void> };
}

export function createWorld(
  seed: number,
  physics: Partial<Physics> = {},
  site: { readonly text: string; readonly measureEveryMs: number } = {
    text: siteText,
    measureEveryMs: 0,
  },
): World {
  const parts = { settle: (): Promise<void> => Promise.resolve() };
  return {
    time: createSteppedClock({ startAt: instant(startMs), settle: () => parts.settle() }),
    cluster: createSimulatedCluster({ site: readSite(site.text), seed, startMs, physics }),
    siteText: site.text,
    measureEveryMs: site.measureEveryMs,
    parts,
  };
}

let clockNames = 0;

/** The real runtime on a world and a log. */
export async function startIn(
  world: World,
  log: EventLog,
  limits: EngineLimits = defaultLimits,
  clock?: Clock,
): Promise<Scheduler> {
  clockNames += 1;
  const site = world.cluster.site.id;
  const executor = createInProcessExecutor({
    cluster: world.cluster,
    clock: world.time.clock(`executor-${clockNames}`),
    measureEveryMs: world.measureEveryMs,
  });
  const scheduler = await startScheduler({
    log,
    executors: [executor],
    clock: clock ?? world.time.clock(`scheduler-${clockNames}`),
    reporter: silent,
    limits,
    retention: { rowsMax: 1_000_000, ageMax: milliseconds(86_400_000) },
    sites: [{ site, file: `${site}.yaml`, text: world.siteText, phases: "built" }],
  });
  world.parts.settle = settleAll([executor], scheduler);
  return scheduler;
}

export function advance(world: World, byMs: number): Promise<void> {
  return world.time.advanceTo(instant(toNumber(world.time.now()) + byMs));
}

function specWith(change: Partial<JobSpec> = {}): JobSpec {
  return plainSpecWith(change);
}

/** A request id that is a UUID and says which test number it is. */
function requestId(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
}

export function item(number: number, change: Partial<JobSpec> = {}): SubmitItem {
  return { requestId: requestId(number), bodyHash: number, spec: specWith(change) };
}

/** One request for jobs of these numbers. */
export function submit(numbers: readonly number[]): Request {
  return { kind: "submit-jobs", owner: "aigerim", items: numbers.map((number) => item(number)) };
}

/** 1, 2, … up to it. */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

export function countJobs(scheduler: Scheduler): Promise<number> {
  return scheduler.read((engine) => engine.state.jobs.count);
}
