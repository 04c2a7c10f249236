import type { FillJob } from "./fill-problem.ts";
import type { Lane } from "./lane.ts";

/** Loads while a filling is worked out: watts of every job, and what they use and may use of each domain. */
export interface Book {
  readonly lanes: readonly Lane[];
  /** Beside `lanes`: counted watts of one GPU. */
  readonly watts: Float64Array;
  readonly usedScaled: Float64Array;
  readonly roomScaled: Float64Array;
}

export function createBook(
  lanes: readonly Lane[],
  watts: Float64Array,
  roomScaled: Float64Array,
): Book {
  const book = { lanes, watts, roomScaled, usedScaled: new Float64Array(roomScaled.length) };
  addUp(book);
  return book;
}

/** Adds the loads up anew, in the order of the jobs: many small moves leave rounding behind. */
export function addUp({ lanes, watts, usedScaled }: Book): void {
  usedScaled.fill(0);
  for (let at = 0; at < lanes.length; at++) {
    const job = lanes[at]?.job;
    if (job !== undefined) {
      addLoad(usedScaled, job, watts[at] ?? 0);
    }
  }
}

export function moveTo(book: Book, at: number, watts: number): void {
  const { lanes, usedScaled } = book;
  const job = lanes[at]?.job;
  if (job === undefined) {
    return;
  }
  addLoad(usedScaled, job, watts - (book.watts[at] ?? 0));
  book.watts[at] = watts;
}

// The loops here count by hand: they run some hundred thousand times in a filling of a whole site, and
// iterators of typed arrays take ten times as long.

function addLoad(
  usedScaled: Float64Array,
  { domains, scaledPerGpuWatt }: FillJob,
  watts: number,
): void {
  for (let slot = 0; slot < domains.length; slot++) {
    const domain = domains[slot] ?? 0;
    usedScaled[domain] = (usedScaled[domain] ?? 0) + watts * (scaledPerGpuWatt[slot] ?? 0);
  }
}

/** How many more watts each GPU of a job may count; negative when a domain above it is too full. */
export function headroomWatts({ usedScaled, roomScaled }: Book, { job }: Lane): number {
  let headroom = Infinity;
  for (let slot = 0; slot < job.domains.length; slot++) {
    const domain = job.domains[slot] ?? 0;
    const growth = job.scaledPerGpuWatt[slot] ?? 0;
    if (growth > 0) {
      const free = (roomScaled[domain] ?? 0) - (usedScaled[domain] ?? 0);
      headroom = Math.min(headroom, free / growth);
    }
  }
  return headroom;
}

/** What a domain has too much, beyond what rounding explains. */
export function excessScaled({ usedScaled, roomScaled }: Book, domain: number): number {
  const room = roomScaled[domain] ?? 0;
  const excess = (usedScaled[domain] ?? 0) - room;
  return excess > roundingScaled(room) ? excess : 0;
}

/** How far a load, a sum of many products, may be beside a room it fills: all who judge it go by the same. */
export function roundingScaled(room: number): number {
  return 1e-9 * Math.max(1, Math.abs(room));
}
