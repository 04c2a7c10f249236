import { toNumber } from "@ertis/quantities";
import type { EngineLimits, Entry } from "@ertis/scheduler-engine";
import type { Checker, Moment } from "./checker.ts";
import { budgetChecker } from "./checkers/budget.ts";
import { capChecker } from "./checkers/caps.ts";
import { dependencyChecker } from "./checkers/dependencies.ts";
import { lifeCycleChecker } from "./checkers/life-cycle.ts";
import { limitChecker } from "./checkers/limit.ts";
import { permissionChecker } from "./checkers/permissions.ts";
import { placementChecker } from "./checkers/placement.ts";
import { promiseChecker } from "./checkers/promises.ts";
import { queueOrderChecker } from "./checkers/queue-order.ts";
import { rampChecker } from "./checkers/ramps.ts";
import { releaseChecker } from "./checkers/release.ts";
import { requestIdChecker } from "./checkers/request-ids.ts";
import { retentionChecker } from "./checkers/retention.ts";
import { retryChecker } from "./checkers/retries.ts";
import { walltimeChecker } from "./checkers/walltime.ts";
import { Peaks, type DomainPeak } from "./peaks.ts";
import type { DeratingOf } from "./power-tree.ts";
import { recheck } from "./recheck.ts";
import { type Tally, tallyOf } from "./tally.ts";
import type { Violation } from "./violation.ts";
import { World } from "./world.ts";

export interface OracleOptions {
  /** Those of the engine whose entries are observed; the defaults when absent. */
  readonly limits?: EngineLimits;
  /** Deratings as the writer of the site file knows them. */
  readonly deratingOf?: DeratingOf;
  /** Everything is computed anew and compared after every so many entries; 0: only at the end. */
  readonly recheckEvery?: number;
}

/**
 * An independent second opinion: fed with the entries of a log, in order and from its first one, it
 * says which promises they break. It reads events and the site files in them, never engine state.
 */
export interface Oracle {
  readonly world: World;
  observe(entry: Entry): readonly Violation[];
  /** Compares everything once more. Call it when no entry follows. */
  finish(): readonly Violation[];
  /** Per domain: the highest bound in force, beside the usable limit and the budget of that moment. */
  peaks(): readonly DomainPeak[];
  tally(): Tally;
}

export function createOracle(options: OracleOptions = {}): Oracle {
  const world = new World(options.limits, options.deratingOf);
  const checkers = allCheckers();
  const peaks = new Peaks();
  const recheckEvery = options.recheckEvery ?? 0;
  let entryCount = 0;
  return {
    world,
    observe(entry) {
      entryCount += 1;
      const found = observeEntry({ world, checkers, peaks }, entry, entryCount);
      return recheckEvery > 0 && entryCount % recheckEvery === 0
        ? [...found, ...recheck(world, entryCount)]
        : found;
    },
    finish: () => recheck(world, entryCount),
    peaks: () => peaks.list(),
    tally: () => tallyOf(world, entryCount),
  };
}

function allCheckers(): readonly Checker[] {
  return [
    limitChecker(),
    budgetChecker(),
    placementChecker(),
    releaseChecker(),
    lifeCycleChecker(),
    dependencyChecker(),
    retryChecker(),
    walltimeChecker(),
    capChecker(),
    requestIdChecker(),
    retentionChecker(),
    permissionChecker(),
    queueOrderChecker(),
    rampChecker(),
    promiseChecker(),
  ];
}

interface Watch {
  readonly world: World;
  readonly checkers: readonly Checker[];
  readonly peaks: Peaks;
}

function observeEntry(
  { world, checkers, peaks }: Watch,
  entry: Entry,
  number: number,
): Violation[] {
  const found: Violation[] = [];
  const atMs = toNumber(entry.at);
  const momentOf = (checker: Checker, index: number): Moment => ({
    world,
    entry,
    index,
    report: (message, domain) => {
      found.push({
        property: checker.property,
        entry: number,
        event: index + 1,
        eventKind: entry.events[index]?.kind ?? entry.command.kind,
        atMs,
        ...(domain === undefined ? {} : { domain }),
        message,
      });
    },
  });
  if (atMs < world.nowMs) {
    momentOf({ property: "time" }, -1).report(`goes back from ${world.nowMs} ms`);
  }
  world.advance(atMs);
  entry.events.forEach((event, index) => {
    for (const checker of checkers) {
      checker.before?.(event, momentOf(checker, index));
    }
    world.apply(event);
    for (const checker of checkers) {
      checker.after?.(event, momentOf(checker, index));
    }
    peaks.observe(world);
  });
  for (const checker of checkers) {
    checker.entryEnd?.(momentOf(checker, -1));
  }
  return found;
}
