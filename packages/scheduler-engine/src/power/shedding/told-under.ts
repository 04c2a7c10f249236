import type { IdleNode, SeenDraw, ShedProblem } from "@ertis/power-planning";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type CommonRatio, commonRatio, isFixed, mostRatio } from "./common-ratio.ts";
import { drawNow, lookedAtSinceMs } from "./draw-now.ts";
import { isBelow } from "./effects.ts";
import { hasLearned } from "./learned-draws.ts";
import { isWithin } from "./planned-group.ts";
import type { ShedContext, ShedMember } from "./shed-jobs.ts";

export interface ToMeasure {
  readonly ceiling: Float64Array;
  readonly problem: ShedProblem;
  /** By the mean of the last minutes instead of the highest. */
  readonly isTypical: boolean;
}

/** Jobs that are planned for, and what is learned of each. */
interface Planned extends ToMeasure {
  readonly members: readonly ShedMember[];
  readonly learned: readonly (SeenDraw | undefined)[];
}

/** What a domain tells of jobs below it. */
interface Told {
  readonly isOver: (member: ShedMember) => boolean;
  /** Of its curve. */
  readonly ratioOf: (member: ShedMember) => number;
}

/** What the domain of a curtailment tells. */
export function toldUnder(
  context: ShedContext & { readonly record: CurtailmentRecord },
  planned: Planned,
): Told {
  const { site, record } = context;
  const domain = site.domainIndexById.get(record.curtailment.domain) ?? -1;
  const isSteady = steadySince(lookedAtSinceMs(context, domain));
  const common = commonOf(context, domain, { ...planned, changedAtMs: changedAtMs(site) });
  const insideOf = toldInside(context, domain, planned);
  const isLearning = hasLearned(record, planned.members);
  return {
    isOver: ({ nodes }) => isBelow(site, nodes, record.curtailment.domain),
    ratioOf: (member) => {
      const isTold = isSteady(member) && (!isLearning || takesNoCaps(member));
      if (common === undefined || !isTold) {
        return 1;
      }
      const ratio = isFixed(member) ? common.ofFixed : common.ofAll;
      const isHidden = ratio < 1 && takesNoCaps(member);
      const most = isHidden ? Math.max(ratio, insideOf(member)) : ratio;
      return Math.min(most, mostRatio(member));
    },
  };
}

function takesNoCaps({ shed }: ShedMember): boolean {
  return shed.curve.points.length === 1;
}

/**
 * The mean of a domain hides who draws more than others. Caps would lower them once they are learned; who takes none draws
 * on when the others have stopped, and counts with the most that a domain inside of it tells of those below it where all
 * go on as they do now: else what has just begun or ended is put down to them.
 * Each of them is worked out when it is asked for: there may be thousands.
 *
 * @returns of the curve of a member; 0: none inside is measured, or it was not there all the time
 */
function toldInside(
  context: ShedContext,
  top: number,
  planned: Planned,
): (member: ShedMember) => number {
  const { site } = context;
  let below: ReadonlyMap<number, Planned> | undefined;
  let changed: Float64Array | undefined;
  const tell = (domain: number): Inside | undefined => {
    const isInside = domain !== top && isWithin(site, domain, top);
    if (!isInside || drawNow(context, domain) === undefined) {
      return undefined;
    }
    below ??= byDomain(planned);
    changed ??= changedAtMs(site);
    const part = below.get(domain) ?? planned;
    const common = commonOf(context, domain, { ...part, changedAtMs: changed });
    return common?.isAllSteady === true
      ? { ratio: common.ofAll, isSteady: steadySince(lookedAtSinceMs(context, domain)) }
      : undefined;
  };
  const told = new Map<number, Inside | undefined>();
  return (member) => {
    let most = 0;
    for (const domain of member.shed.domains) {
      if (!told.has(domain)) {
        told.set(domain, tell(domain));
      }
      const inside = told.get(domain);
      if (inside !== undefined && inside.ratio > most && inside.isSteady(member)) {
        most = inside.ratio;
      }
    }
    return most;
  };
}

/** What a measured domain inside of a curtailed one tells, and of whom. */
interface Inside {
  readonly ratio: number;
  readonly isSteady: (member: ShedMember) => boolean;
}

/** What steady jobs draw of their curves in a domain; undefined: nobody measures it. */
function commonOf(
  context: ShedContext,
  domain: number,
  planned: Planned & { readonly changedAtMs: Float64Array },
): CommonRatio | undefined {
  const { site } = context;
  const { members, learned, ceiling, problem, isTypical } = planned;
  const drawn = domain === -1 ? undefined : drawNow(context, domain);
  const lookedAtMs = lookedAtSinceMs(context, domain);
  return drawn === undefined
    ? undefined
    : commonRatio(members, {
        domain,
        measuredScaled:
          (isTypical ? drawn.meanWatts : drawn.highestWatts) *
          (site.site.domains[domain]?.loadScale ?? 1),
        besideScaled: (ceiling[domain] ?? 0) - (problem.roomScaled[domain] ?? 0),
        idleNodes: problem.idleNodes.filter(
          ({ id }) => (site.turnedAtMs.get(id) ?? -Infinity) <= lookedAtMs,
        ),
        learned,
        isSteady: steadySince(lookedAtMs),
        isAllSteady: (planned.changedAtMs[domain] ?? Infinity) <= lookedAtMs,
      });
}

/** Has it run as it does now in every minute that was looked at? */
function steadySince(lookedAtMs: number): (member: ShedMember) => boolean {
  return ({ attempt }) =>
    attempt?.phase === "running" &&
    attempt.capInForce === undefined &&
    attempt.workAtMs <= lookedAtMs;
}

/** By domain, when GPUs were given back there last, or a node went off or came back. */
function changedAtMs(site: SiteState): Float64Array {
  const changed = Float64Array.from(site.leftAtMs);
  for (const [node, atMs] of site.turnedAtMs) {
    let domain = site.nodeDomain[node] ?? -1;
    while (domain !== -1 && (changed[domain] ?? 0) < atMs) {
      changed[domain] = atMs;
      domain = site.parent[domain] ?? -1;
    }
  }
  return changed;
}

interface Part {
  readonly members: ShedMember[];
  readonly learned: (SeenDraw | undefined)[];
  readonly idleNodes: IdleNode[];
}

/** By domain, those that load it: none of the others tells anything of it. */
function byDomain(planned: Planned): ReadonlyMap<number, Planned> {
  const parts = new Map<number, Part>();
  const partOf = (domain: number): Part => {
    const part = parts.get(domain) ?? { members: [], learned: [], idleNodes: [] };
    parts.set(domain, part);
    return part;
  };
  planned.members.forEach((member, at) => {
    for (const domain of member.shed.domains) {
      const part = partOf(domain);
      part.members.push(member);
      part.learned.push(planned.learned[at]);
    }
  });
  for (const node of planned.problem.idleNodes) {
    for (const domain of node.domains) {
      partOf(domain).idleNodes.push(node);
    }
  }
  return new Map(
    [...parts].map(([domain, { members, learned, idleNodes }]) => [
      domain,
      { ...planned, members, learned, problem: { ...planned.problem, idleNodes } },
    ]),
  );
}
