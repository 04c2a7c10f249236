import type { Book } from "./book.ts";

/** The domain above a job that lets it rise the least; -1 when it has none. */
export function tightestDomain({ lanes, usedScaled, roomScaled }: Book, at: number): number {
  const job = lanes[at]?.job;
  let tightest = -1;
  let least = Infinity;
  for (let slot = 0; slot < (job?.domains.length ?? 0); slot++) {
    const domain = job?.domains[slot] ?? 0;
    const growth = job?.scaledPerGpuWatt[slot] ?? 0;
    const headroom = ((roomScaled[domain] ?? 0) - (usedScaled[domain] ?? 0)) / growth;
    if (growth > 0 && headroom < least) {
      tightest = domain;
      least = headroom;
    }
  }
  return tightest;
}

/** The first jobs of each of these domains, so many at most. */
export function membersOf(
  { lanes }: Book,
  domains: ReadonlySet<number>,
  countMax: number,
): ReadonlyMap<number, readonly number[]> {
  const members = new Map<number, number[]>();
  for (const domain of domains) {
    members.set(domain, []);
  }
  for (let at = 0; domains.size > 0 && at < lanes.length; at++) {
    for (const domain of lanes[at]?.job.domains ?? []) {
      const list = members.get(domain);
      if (list !== undefined && list.length < countMax) {
        list.push(at);
      }
    }
  }
  return members;
}
