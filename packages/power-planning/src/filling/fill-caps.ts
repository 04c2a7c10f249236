import { ascend } from "./ascend.ts";
import { addUp, createBook, excessScaled, type Book } from "./book.ts";
import { descend } from "./descend.ts";
import { createLaneMaker, laneOf, type Lane } from "./lane.ts";
import type { CapChange, Filled, FilledCaps, FillProblem, FloorsDoNotFit } from "./fill-problem.ts";
import { polish } from "./polish.ts";
import { settle, stayWithin, topUp } from "./settle.ts";

/**
 * Shares the room of all domains among jobs so that the weighted speed is as large as possible, floors
 * kept: exact, to within a step, for concave curves in a tree of domains.
 */
export function fillCaps(problem: FillProblem): Filled {
  const maker = createLaneMaker(problem.counts);
  const lanes = problem.jobs.map((job) => laneOf(maker, job, job.floorCapWatts, Infinity));
  return fillFromTop(lanes, problem.roomScaled, problem.capStepWatts);
}

/** Raises caps into what is free, lowers none. Floors play no part. */
export function raiseCaps(change: CapChange): FilledCaps {
  const maker = createLaneMaker(change.counts);
  const lanes = change.jobs.map((job, at) =>
    laneOf(maker, job, change.capNowWatts[at] ?? Infinity, Infinity),
  );
  const lows = lowsOf(lanes);
  return fill(createBook(lanes, lows, roomOf(lanes, lows, change)), change.capStepWatts);
}

/** Lowers caps until no domain is too full, raises none; the cheapest loss first. */
export function lowerCaps(change: CapChange): Filled {
  const maker = createLaneMaker(change.counts);
  const lanes = change.jobs.map((job, at) =>
    laneOf(maker, job, job.floorCapWatts, change.capNowWatts[at] ?? Infinity),
  );
  return fillFromTop(lanes, roomOf(lanes, topsOf(lanes), change), change.capStepWatts);
}

function fillFromTop(lanes: readonly Lane[], roomScaled: Float64Array, step: number): Filled {
  const floors = createBook(lanes, lowsOf(lanes), roomScaled);
  return mostMissing(floors) ?? fill(createBook(lanes, topsOf(lanes), roomScaled), step);
}

function fill(book: Book, capStepWatts: number): FilledCaps {
  descend(book);
  ascend(book);
  const capWatts = settle(book, capStepWatts);
  stayWithin(book, capWatts, capStepWatts);
  topUp(book, capWatts, capStepWatts);
  polish({ book, capWatts, capStepWatts });
  stayWithin(book, capWatts, capStepWatts);
  addUp(book);
  return { kind: "filled", capWatts, usedScaled: book.usedScaled };
}

function mostMissing(floors: Book): FloorsDoNotFit | undefined {
  let worst: FloorsDoNotFit | undefined;
  for (const domain of floors.roomScaled.keys()) {
    const missingScaled = excessScaled(floors, domain);
    if (missingScaled > (worst?.missingScaled ?? 0)) {
      worst = { kind: "floors-do-not-fit", domain, missingScaled };
    }
  }
  return worst;
}

function lowsOf(lanes: readonly Lane[]): Float64Array {
  return Float64Array.from(lanes, ({ stretch }) => stretch.lowWatts);
}

function topsOf(lanes: readonly Lane[]): Float64Array {
  return Float64Array.from(lanes, ({ stretch }) => stretch.highWatts);
}

/** What these jobs may use together: what they use now and what is free. */
function roomOf(
  lanes: readonly Lane[],
  wattsNow: Float64Array,
  { freeScaled }: CapChange,
): Float64Array {
  const { usedScaled } = createBook(lanes, wattsNow, freeScaled);
  return usedScaled.map((used, domain) => used + (freeScaled[domain] ?? 0));
}
