import type { RandomStream } from "@ertis/simulator";
import type { PaceModel } from "./pace.ts";
import type { NodeTraces } from "./traces.ts";

/** Nodes behind one feed and what they run; the job of each starts again when it ends. */
export interface Feed {
  readonly limitWatts: number;
  readonly boundWatts: number;
  readonly idleWatts: number;
  readonly floorCapWatts: number;
  readonly paceModel: PaceModel;
  readonly gangs: readonly Gang[];
  readonly nodeCount: number;
}

export interface Gang {
  /** Nodes by position in the feed. */
  readonly nodes: readonly number[];
  /** Beside them: the measured node each of them is. */
  readonly traces: readonly Float64Array[];
  readonly secondCount: number;
  /** Where in its job the gang is at the beginning. */
  readonly offsetSeconds: number;
}

export interface FeedPlan {
  readonly traces: NodeTraces;
  /** Nodes that the limit carries at their rating. */
  readonly nameplateCount: number;
  readonly ratedWatts: number;
  readonly extraShare: number;
  readonly gangCount: number;
  readonly idleWatts: number;
  readonly floorCapWatts: number;
  readonly paceModel: PaceModel;
}

/** Deals the nodes out to gangs evenly; each gang is somewhere in its job, which no other knows. */
export function createFeed(plan: FeedPlan, random: RandomStream): Feed {
  const nodeCount = Math.floor(plan.nameplateCount * (1 + plan.extraShare) + 1e-9);
  const { nodes, secondCount } = plan.traces;
  const shift = random.below(nodes.length);
  const gangs = Array.from({ length: plan.gangCount }, (_, gang) => {
    const members = Array.from({ length: nodeCount }, (__, node) => node).filter(
      (node) => Math.floor((node * plan.gangCount) / nodeCount) === gang,
    );
    return {
      nodes: members,
      traces: members.map((node) => nodes[(node + shift) % nodes.length] ?? new Float64Array()),
      secondCount,
      offsetSeconds: random.below(secondCount),
    };
  });
  return {
    limitWatts: plan.nameplateCount * plan.ratedWatts,
    boundWatts: plan.ratedWatts,
    idleWatts: plan.idleWatts,
    floorCapWatts: plan.floorCapWatts,
    paceModel: plan.paceModel,
    gangs,
    nodeCount,
  };
}
