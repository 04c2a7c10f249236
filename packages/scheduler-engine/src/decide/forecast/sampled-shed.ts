import type { IdleNode, ShedJob } from "@ertis/power-planning";
import type { ShedMember } from "../../power/shedding/shed-jobs.ts";
import type { DescribedShed } from "../shed/describe-shed.ts";

/** Of many jobs about so many stand for all. */
const partsCount = 200;

interface Sized {
  readonly member: ShedMember;
  /** Its GPUs at their highest caps, in the domain that is asked about. */
  readonly scaled: number;
}

/**
 * The jobs of one domain by a sample, for questions that take a whole plan each: whoever draws a large part of it stands for
 * himself, of others alike one in the middle for as many as draw such a part together. Other domains are left out.
 */
export function sampledShed(
  { members, problem, group }: DescribedShed,
  domain: number,
): DescribedShed {
  const sized = members.map((member) => ({ member, scaled: highestScaled(member.shed, domain) }));
  const all = sized.reduce((sum, { scaled }) => sum + scaled, 0);
  const partScaled = all / partsCount;
  const sampled = [...Map.groupBy(sized, ({ member }) => kindOf(member.shed)).values()]
    .flatMap((alike) => representativesOf(alike, partScaled))
    .map((member, id) => {
      // Who follows another counts nothing, and is no part of the sample.
      const { followers: _, ...shed } = member.shed;
      return { ...member, shed: { ...shed, id } };
    });
  const roomScaled = new Float64Array(problem.roomScaled.length).fill(Infinity);
  roomScaled[domain] = problem.roomScaled[domain] ?? 0;
  const jobs = sampled.map(({ shed }) => shed);
  const idleNodes = sampledNodes(problem.idleNodes);
  return { members: sampled, group, problem: { ...problem, jobs, idleNodes, roomScaled } };
}

/** One for as many of the same bound as make a part of all: they go off, or stay on, together. */
function sampledNodes(nodes: readonly IdleNode[]): readonly IdleNode[] {
  const alikeCount = Math.ceil(nodes.length / partsCount);
  const kinds = Map.groupBy(
    nodes,
    ({ wattsScaled, isPromised }) => `${wattsScaled.join()} ${isPromised}`,
  );
  return [...kinds.values()].flatMap((alike) =>
    alike
      .filter((_, at) => at % alikeCount === 0)
      .map((node, part) => {
        const count = Math.min(alikeCount, alike.length - part * alikeCount);
        return { ...node, wattsScaled: node.wattsScaled.map((one) => one * count) };
      }),
  );
}

function highestScaled({ curve, domains, scaledPerGpuWatt }: ShedJob, domain: number): number {
  const top = curve.points.at(-1)?.capWatts ?? 0;
  return top * (scaledPerGpuWatt[domains.indexOf(domain)] ?? 0);
}

/** Jobs of one kind give watts in the same ways. */
function kindOf(job: ShedJob): string {
  const { tierLossMax, isProtected, canPause, isPausedNow, nodeCount, nodeCountMin } = job;
  const isMalleable = nodeCountMin < nodeCount;
  return [tierLossMax, isProtected, canPause, isPausedNow, isMalleable].join(" ");
}

function representativesOf(alike: readonly Sized[], partScaled: number): readonly ShedMember[] {
  const large = alike.filter(({ scaled }) => scaled >= partScaled);
  const small = alike
    .filter(({ scaled }) => scaled > 0 && scaled < partScaled)
    .toSorted((a, b) => byFloor(a.member.shed, b.member.shed));
  const found = large.map(({ member }) => member);
  let part: Sized[] = [];
  let scaled = 0;
  for (const [at, one] of small.entries()) {
    part.push(one);
    scaled += one.scaled;
    if (scaled >= partScaled || at === small.length - 1) {
      const middle = part[part.length >> 1] ?? one;
      found.push(standingFor(middle, scaled));
      part = [];
      scaled = 0;
    }
  }
  return found;
}

/** Neighbours of this order leave much the same. */
function byFloor(a: ShedJob, b: ShedJob): number {
  return (
    floorPart(a) - floorPart(b) ||
    a.saveMs - b.saveMs ||
    a.lossMsSoFar - b.lossMsSoFar ||
    a.id - b.id
  );
}

function floorPart({ curve, floorCapWatts }: ShedJob): number {
  return floorCapWatts / (curve.points.at(-1)?.capWatts ?? floorCapWatts);
}

function standingFor({ member, scaled }: Sized, allScaled: number): ShedMember {
  const { shed } = member;
  const times = allScaled / scaled;
  const { ownWeight } = shed;
  return {
    ...member,
    shed: {
      ...shed,
      gpuCount: shed.gpuCount * times,
      weight: shed.weight * times,
      ...(ownWeight === undefined ? {} : { ownWeight: ownWeight * times }),
      scaledPerGpuWatt: shed.scaledPerGpuWatt.map((one) => one * times),
    },
  };
}
