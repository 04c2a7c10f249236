import type { Floor, ShedJob } from "@ertis/power-planning";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { gangLoad } from "../gang-load.ts";
import { countedByNode } from "./counted-scaled.ts";
import { sharesPeak } from "../leave-together.ts";
import { gpuWatts, uncapped } from "./gpu-watts.ts";
import type { ShedMember } from "./shed-jobs.ts";

/*
 * A shared node that counts its peak does so as long as anybody runs on it. No cap of a part of it saves anything, and a
 * pause only together with all others there: a plan asks them as one.
 */

interface Beside {
  /** How long what is planned for takes in all. */
  readonly eventMs: number;
  /** Does an attempt count as gone? */
  readonly isGone: (attempt: Attempt) => boolean;
}

/**
 * Members in groups that pause together, each led by the first: it counts all nodes of the group, and may lose what the one
 * bears that bears least; the others count nothing. Who runs beside somebody who can be asked nothing is in none.
 */
export function askedTogether(
  site: SiteState,
  members: readonly ShedMember[],
  beside: Beside,
): readonly (readonly ShedMember[])[] {
  if (!site.countsPeakInPart.includes(1)) {
    return members.map((member) => [member]);
  }
  const onNode = new Map<number, ShedMember[]>();
  for (const member of members) {
    for (const node of sharedNodes(site, member)) {
      onNode.set(node, [...(onNode.get(node) ?? []), member]);
    }
  }
  const done = new Set<ShedMember>();
  return members.flatMap((member) => {
    if (done.has(member)) {
      return [];
    }
    const group = groupOf(site, member, onNode);
    group.members.forEach((one) => done.add(one));
    if (group.nodes.length === 0) {
      return [[member]];
    }
    return areAllAsked(site, group, beside)
      ? [asOne(site, group, beside)]
      : // Whoever comes back there costs nothing.
        group.members.filter(({ attempt }) => attempt === undefined).map((one) => [following(one)]);
  });
}

interface Group {
  readonly members: readonly ShedMember[];
  readonly nodes: readonly number[];
}

/** Where it runs, or would come back. */
function sharedNodes(
  site: SiteState,
  { comesBackTo, nodes, gpusPerNode }: ShedMember,
): readonly number[] {
  return (comesBackTo ?? nodes).filter((node) => sharesPeak(site, node, gpusPerNode));
}

function groupOf(
  site: SiteState,
  first: ShedMember,
  onNode: ReadonlyMap<number, readonly ShedMember[]>,
): Group {
  const members = new Set([first]);
  const nodes = new Set<number>();
  // Who is found while it is walked through is walked through, too.
  for (const member of members) {
    for (const node of sharedNodes(site, member)) {
      nodes.add(node);
      onNode.get(node)?.forEach((one) => members.add(one));
    }
  }
  return { members: [...members], nodes: [...nodes].toSorted((a, b) => a - b) };
}

/** All nodes are shared ones of one kind, and nobody else stays on them. */
function areAllAsked(site: SiteState, { members, nodes }: Group, { isGone }: Beside): boolean {
  const bounds = site.nodeBounds[nodes[0] ?? -1];
  const asked = new Set(members.map(({ attempt }) => attempt));
  return (
    members.every(
      (one) => sharedNodes(site, one).length === (one.comesBackTo ?? one.nodes).length,
    ) &&
    nodes.every(
      (node) =>
        site.nodeBounds[node] === bounds &&
        (site.attemptsOnNode[node] ?? []).every((one) => asked.has(one) || isGone(one)),
    )
  );
}

function asOne(
  site: SiteState,
  { members, nodes }: Group,
  { eventMs }: Beside,
): readonly ShedMember[] {
  const tierOf = ({ job }: ShedMember): number => job.spec.flexibilityTier;
  const [leader, ...others] = members.toSorted((a, b) => tierOf(a) - tierOf(b));
  if (leader === undefined) {
    return [];
  }
  const gpuCount = site.nodeGpuCount[nodes[0] ?? -1] ?? 1;
  const { highestWatts, idleWatts } = gpuWatts(site, nodes[0] ?? -1);
  const { domains, scaledPerGpuWatt } = gangLoad(site, nodes, gpuCount);
  const all = members.map((one) => one.shed);
  const shed: ShedJob = {
    ...held(leader.shed, highestWatts),
    ...floorOfAll(all, highestWatts, eventMs),
    domains,
    scaledPerGpuWatt,
    idleWatts,
    gpuCount: sum(all.map((one) => one.gpuCount)),
    ownWeight: all.some((one) => one.ownWeight !== undefined)
      ? sum(all.map((one) => one.ownWeight ?? one.weight))
      : undefined,
    ...(all.some((one) => one.givenUp !== undefined)
      ? {
          givenUp: floorOfAll(
            all.map((one) => one.givenUp ?? one),
            highestWatts,
            eventMs,
          ),
        }
      : {}),
    canPause: all.every((one) => one.canPause),
    isPausedNow: all.every((one) => one.isPausedNow),
    saveMs: Math.max(...all.map((one) => one.saveMs)),
    restoreMs: Math.max(...all.map((one) => one.restoreMs)),
    pausePlanned: all.find((one) => one.pausePlanned !== undefined)?.pausePlanned,
    nodeCount: nodes.length,
    nodeCountMin: nodes.length,
  };
  const running = new Set(members.flatMap(({ attempt }) => attempt?.heldNodes ?? []));
  const wattsOf = (node: number): number =>
    gpuCount * (running.has(node) ? highestWatts : idleWatts);
  const countedScaled = countedByNode(site, shed, nodes, wattsOf);
  return [
    { ...leader, shed, nodes, countedScaled },
    ...others.map((one) => ({ ...following(one), nodes })),
  ];
}

/** What none of them may lose, nobody does. */
function floorOfAll(all: readonly Floor[], floorCapWatts: number, eventMs: number): Floor {
  const tierLossMax = Math.min(...all.map((one) => one.tierLossMax));
  const leftMs = Math.min(...all.map((one) => one.tierLossMax * eventMs - one.lossMsSoFar));
  return {
    tierLossMax,
    lossMsSoFar: tierLossMax * eventMs - leftMs,
    isProtected: all.some((one) => one.isProtected),
    weight: sum(all.map((one) => one.weight)),
    floorCapWatts,
  };
}

/** It pauses with its leader, who counts for it. */
function following(member: ShedMember): ShedMember {
  const top = member.shed.curve.points.at(-1)?.capWatts ?? member.shed.floorCapWatts;
  return {
    ...member,
    shed: {
      ...held(member.shed, top),
      domains: new Int32Array(0),
      scaledPerGpuWatt: new Float64Array(0),
      canPause: false,
      isPausedNow: false,
      pausePlanned: undefined,
      nodeCountMin: member.shed.nodeCount,
    },
    countedScaled: new Float64Array(0),
  };
}

/** At the highest cap: a lower one saves nothing. */
function held(shed: ShedJob, capWatts: number): ShedJob {
  return {
    ...shed,
    curve: uncapped(capWatts),
    floorCapWatts: capWatts,
    capNowWatts: capWatts,
    nodeCountPlanned: undefined,
    longer: undefined,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
