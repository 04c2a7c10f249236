import { toNumber } from "@ertis/quantities";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { isBelow } from "./effects.ts";

/**
 * Planned curtailments that are planned together, since one is in force in the domain of another, or
 * around it: all that are in force at a moment and reach the domain of the first, over others too.
 * Who ends first stands first: the plan is for its time, and made again after it.
 */
export function plannedTogether(
  state: EngineState,
  site: SiteState,
  first: CurtailmentRecord,
  atMs: number,
): readonly CurtailmentRecord[] {
  const others = [...state.curtailments.records.values()].filter(
    (one) => one !== first && isInForce(one, site, atMs),
  );
  const group = [first];
  for (const one of group) {
    for (const other of others) {
      if (!group.includes(other) && isRelated(site, one, other)) {
        // The loop over the group goes on with it.
        group.push(other);
      }
    }
  }
  return group.toSorted((a, b) => toNumber(a.curtailment.end) - toNumber(b.curtailment.end));
}

/** The first that begins in the time of a group's plan, and reaches it: then all are planned again. */
export function nextInGroup(
  site: SiteState,
  group: readonly CurtailmentRecord[],
  records: Iterable<CurtailmentRecord>,
  fromMs: number,
): CurtailmentRecord | undefined {
  const untilMs = Math.min(...group.map(({ curtailment }) => toNumber(curtailment.end)));
  return [...records]
    .filter(
      (one) =>
        one.curtailment.mode === "planned" &&
        !one.isOver &&
        one.curtailment.site === site.site.id &&
        toNumber(one.curtailment.start) > fromMs &&
        toNumber(one.curtailment.start) < untilMs &&
        group.some((other) => other !== one && isRelated(site, one, other)),
    )
    .toSorted((a, b) => toNumber(a.curtailment.start) - toNumber(b.curtailment.start))[0];
}

function isInForce(
  { curtailment, isOver }: CurtailmentRecord,
  site: SiteState,
  atMs: number,
): boolean {
  const { mode, start, end } = curtailment;
  return (
    mode === "planned" &&
    !isOver &&
    curtailment.site === site.site.id &&
    toNumber(start) <= atMs &&
    atMs < toNumber(end)
  );
}

export function isRelated(site: SiteState, a: CurtailmentRecord, b: CurtailmentRecord): boolean {
  const one = site.domainIndexById.get(a.curtailment.domain) ?? -1;
  const other = site.domainIndexById.get(b.curtailment.domain) ?? -1;
  return isWithin(site, one, other) || isWithin(site, other, one);
}

export function isWithin(site: SiteState, domain: number, top: number): boolean {
  let at = domain;
  while (at >= 0 && at !== top) {
    at = site.parent[at] ?? -1;
  }
  return at === top;
}

/** The one whose pause it is: the innermost over the first node below one, of the same domain the lower target. */
export function innermost(
  site: SiteState,
  group: readonly CurtailmentRecord[],
  nodes: readonly number[],
): CurtailmentRecord | undefined {
  const node = nodes.find((one) =>
    group.some(({ curtailment }) => isBelow(site, [one], curtailment.domain)),
  );
  for (let at = site.nodeDomain[node ?? -1] ?? -1; at >= 0; at = site.parent[at] ?? -1) {
    const here = group.filter(
      ({ curtailment }) => site.domainIndexById.get(curtailment.domain) === at,
    );
    const [lowest] = here.toSorted(
      (a, b) => toNumber(a.curtailment.target) - toNumber(b.curtailment.target),
    );
    if (lowest !== undefined) {
      return lowest;
    }
  }
  return undefined;
}
