import { learnedDraw } from "@ertis/power-planning";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import { capInForceOf, highestWatts, wattsPerWatt } from "../attempt-watts.ts";
import { addFallingAsleep } from "../falling-asleep.ts";
import { steered } from "./steer-input.ts";
import { curtailedSite, tierFloor } from "./tier-floor.ts";

/**
 * So much more is drawn below a domain once every job is at its usual floor, and what is told to switch off is
 * off; negative: so much less. Who has to rise for that counts at its caps, who falls as it was seen to draw.
 */
export function wattsToFloors(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
): number {
  const usual = curtailedSite(state, site, { ...record, widenedBy: 0 });
  const knowledge = record.steering?.knowledge;
  let sum = -fallingWatts(state, site, record);
  for (const attempt of steered(site, record)) {
    const { placement, gpusPerNode, curve = { points: [] } } = attempt;
    const { nodes } = placement;
    const highest = highestWatts(site, attempt);
    const floor = tierFloor(usual, attempt) || highest;
    const inForce = capInForceOf(attempt, highest);
    const drawAt = (cap: number): number => learnedDraw(knowledge, taskIdOf(attempt), curve, cap);
    const perGpu = floor > inForce ? floor - inForce : drawAt(floor) - drawAt(inForce);
    sum += perGpu * nodes.length * gpusPerNode * wattsPerWatt(site, record, nodes);
  }
  return sum;
}

/**
 * What the steering expects below its domain under the caps in force, dips and all, without any margin: what was drawn
 * minutes ago by those whose caps have fallen since, or who are gone, is no part of it. Undefined: it has seen nothing yet.
 */
export function expectedNow(site: SiteState, record: CurtailmentRecord): number | undefined {
  const knowledge = record.steering?.knowledge;
  return (
    knowledge &&
    steered(site, record).reduce((sum, attempt) => {
      const { placement, gpusPerNode, curve = { points: [] } } = attempt;
      const inForce = capInForceOf(attempt, highestWatts(site, attempt));
      const perGpu = learnedDraw(knowledge, taskIdOf(attempt), curve, inForce);
      const { nodes } = placement;
      return sum + perGpu * nodes.length * gpusPerNode * wattsPerWatt(site, record, nodes);
    }, knowledge.restWatts)
  );
}

/** What nodes below a domain still draw that are on their way off. */
function fallingWatts(
  state: EngineState,
  site: SiteState,
  { curtailment }: CurtailmentRecord,
): number {
  const falling = new Float64Array(site.usableScaled.length);
  addFallingAsleep(state, site, falling, 1);
  const domain = site.domainIndexById.get(curtailment.domain) ?? 0;
  return (falling[domain] ?? 0) / (site.site.domains[domain]?.loadScale ?? 1);
}
