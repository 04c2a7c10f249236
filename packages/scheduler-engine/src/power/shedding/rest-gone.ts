import { known } from "../../state/assert.ts";
import type { CurtailmentRecord, DrawnLast } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { nodeOff, type SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import { nodeWattsPerWatt } from "../attempt-watts.ts";
import { nodesBack } from "./nodes-back.ts";

/** What a domain drew in the time that was measured. */
interface Measured {
  readonly fromMs: number;
  readonly atMs: number;
  readonly domainWatts: number;
  /** By attempts that hold nodes there now. */
  readonly drawn: readonly DrawnLast[];
}

/** Of what was drawn before the last measurement. */
export interface Gone {
  /** What is part of the means of that time still. */
  readonly goneWatts: number;
  /** How much counted as the rest before. */
  readonly restGoneWatts: number;
}

/**
 * What those drew who are gone by now for a pause, and nodes that are off by now: it does not go on. Who has ended by
 * himself may be followed by others at once. When a job has stopped nobody knows to the second: it is in the means
 * for as much as the domain drew more than before beside those that were measured, and nodes that came back.
 */
export function goneSince(
  { curtailments: { paused } }: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  measured: Measured,
): Gone {
  const { drawn: before = [], besideWatts } = record.steered ?? {};
  const left = leftSince(
    site,
    before.filter((one) => paused.has(taskIdOf(one))),
  );
  const off = offSince(site, record, measured);
  const back = nodesBack(site, record, measured);
  const beside = besideDrawnWatts(measured) - off.goneWatts - back.drawnWatts;
  const besideBefore = besideWatts === undefined ? beside : besideWatts - off.restGoneWatts;
  const leftWatts = Math.min(left.goneWatts, Math.max(0, beside - besideBefore));
  return {
    goneWatts: leftWatts + off.goneWatts,
    restGoneWatts: left.restGoneWatts + off.restGoneWatts,
  };
}

/** What a domain drew beside those that were measured: idle nodes, what is fixed, who was not measured, and who has left. */
export function besideDrawnWatts({ domainWatts, drawn }: Measured): number {
  return drawn.reduce((beside, { watts }) => beside - watts, domainWatts);
}

/** A node is off from a moment that is known on: it is in the means for a part of the time. */
function offSince(
  site: SiteState,
  { curtailment }: CurtailmentRecord,
  { fromMs, atMs }: Measured,
): Gone {
  const top = known(site.domainIndexById.get(curtailment.domain), "domain of a curtailment");
  let goneWatts = 0;
  let restGoneWatts = 0;
  for (const [node, sinceMs] of site.turnedAtMs) {
    if (sinceMs > fromMs && ((site.nodeFlags[node] ?? 0) & nodeOff) !== 0) {
      const watts = (site.nodeBounds[node]?.[0] ?? 0) * nodeWattsPerWatt(site, node, top);
      goneWatts += (watts * (sinceMs - fromMs)) / (atMs - fromMs);
      restGoneWatts += watts;
    }
  }
  return { goneWatts, restGoneWatts };
}

/** All that those drew when they were measured last who do not hold their nodes any more. */
function leftSince(site: SiteState, drawn: readonly DrawnLast[]): Gone {
  const here = new Map<TaskId, number>();
  for (const one of site.attempts) {
    here.set(taskIdOf(one), one.attempt);
  }
  let goneWatts = 0;
  let restGoneWatts = 0;
  for (const one of drawn) {
    if (here.get(taskIdOf(one)) !== one.attempt) {
      goneWatts += one.watts;
      restGoneWatts += one.restWatts;
    }
  }
  return { goneWatts, restGoneWatts };
}
