import { excessScaled, moveTo, type Book } from "./book.ts";
import { createHeap, pop, push, type Heap } from "./heap.ts";
import { edgeDown, type Lane } from "./lane.ts";

/** A job in a domain. */
interface Member {
  readonly at: number;
  /** How its load there grows with a watt on each of its GPUs. */
  readonly growth: number;
}

/**
 * Lowers jobs on their hulls until no domain is too full: in each domain that is, the cheapest loss of
 * weighted speed for a watt of its load goes first. Small domains first, because what they must give
 * counts for the domains above them too; that order is exact when domains lie inside one another.
 */
export function descend(book: Book): void {
  const members = membersOfFull(book);
  const order = [...members.keys()].toSorted(
    (a, b) => (members.get(a)?.length ?? 0) - (members.get(b)?.length ?? 0) || a - b,
  );
  for (const domain of order) {
    relieve(book, domain, members.get(domain) ?? []);
  }
}

function membersOfFull(book: Book): ReadonlyMap<number, readonly Member[]> {
  const members = new Map<number, Member[]>();
  for (const domain of book.roomScaled.keys()) {
    if (excessScaled(book, domain) > 0) {
      members.set(domain, []);
    }
  }
  if (members.size > 0) {
    for (let at = 0; at < book.lanes.length; at++) {
      const lane = book.lanes[at];
      if (lane !== undefined) {
        collect(members, lane, at);
      }
    }
  }
  return members;
}

function collect(members: Map<number, Member[]>, lane: Lane, at: number): void {
  const { domains, scaledPerGpuWatt } = lane.job;
  for (let slot = 0; slot < domains.length; slot++) {
    const growth = scaledPerGpuWatt[slot] ?? 0;
    const domain = domains[slot] ?? 0;
    if (growth > 0) {
      members.get(domain)?.push({ at, growth });
    }
  }
}

function relieve(book: Book, domain: number, members: readonly Member[]): void {
  const heap = createHeap();
  if (excessScaled(book, domain) > 0) {
    for (const [position, member] of members.entries()) {
      pushDown(heap, book, position, member);
    }
  }
  for (;;) {
    const excess = excessScaled(book, domain);
    const position = excess > 0 ? pop(heap) : undefined;
    const member = position === undefined ? undefined : members[position];
    if (position === undefined || member === undefined) {
      return;
    }
    const watts = book.watts[member.at] ?? 0;
    const edge = edgeOf(book, member.at, watts);
    if (edge !== undefined) {
      moveTo(book, member.at, Math.max(edge.toWatts, watts - excess / member.growth));
      pushDown(heap, book, position, member);
    }
  }
}

function pushDown(heap: Heap, book: Book, position: number, member: Member): void {
  const { at, growth } = member;
  const edge = edgeOf(book, at, book.watts[at] ?? 0);
  const weight = book.lanes[at]?.job.weight ?? 0;
  if (edge !== undefined) {
    push(heap, (weight * edge.slope) / growth, position);
  }
}

function edgeOf(book: Book, at: number, watts: number): ReturnType<typeof edgeDown> {
  const lane = book.lanes[at];
  return lane === undefined ? undefined : edgeDown(lane.stretch, watts);
}
