import { defaultSteerSettings } from "@ertis/power-planning";
import type { CurtailmentRecord, DrawnLast } from "../../state/curtailments.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";
import { besideGpusWatts, idleWatts, wattsPerWatt } from "../attempt-watts.ts";
import { isBelow } from "./effects.ts";

/** An attempt that takes no caps and draws so much less than it did dips, as what is steered does. */
const { dipShare } = defaultSteerSettings;
/** What is less for good is believed slowly: of a dip of two minutes most is still kept at its end. */
const fallMs = 600_000;

/** What each attempt was measured to draw, and when. */
interface Measured {
  readonly wattsOf: ReadonlyMap<TaskId, number>;
  readonly fromMs: number;
  readonly atMs: number;
}

/**
 * What each attempt below a domain was just measured to draw on top of its nodes: it is what the domain will draw less
 * once it is gone. What is not steered of it is a part of the rest, of which it counts what it drew before where it dips:
 * that comes back, also where what others there begin to draw hides that it is missing.
 */
export function drawnLast(
  site: SiteState,
  record: CurtailmentRecord,
  { wattsOf, fromMs, atMs }: Measured,
): readonly DrawnLast[] {
  const fallPart = Math.min(1, (atMs - fromMs) / fallMs);
  const before = new Map((record.steered?.drawn ?? []).map((one) => [taskIdOf(one), one]));
  const drawn: DrawnLast[] = [];
  for (const attempt of site.attempts) {
    const { job, task, attempt: count, placement, phase, curve } = attempt;
    const watts = wattsOf.get(taskIdOf(attempt));
    if (watts !== undefined && isBelow(site, placement.nodes, record.curtailment.domain)) {
      const idle = idleWatts(site, attempt);
      const isOn = phase === "starting" || phase === "running";
      const isSteered = curve !== undefined && isOn;
      const ofRest = isSteered ? Math.min(watts, besideGpusWatts(site, attempt)) : watts;
      const perWatt = wattsPerWatt(site, record, placement.nodes);
      const restWatts = Math.max(0, ofRest - idle) * perWatt;
      const last = before.get(taskIdOf(attempt));
      const wasHere = isOn && !isSteered && last?.attempt === count;
      drawn.push({
        job,
        task,
        attempt: count,
        watts: Math.max(0, watts - idle) * perWatt,
        restWatts: wasHere ? throughDip(last.restWatts, restWatts, fallPart) : restWatts,
      });
    }
  }
  return drawn.toSorted((a, b) => a.job - b.job || a.task - b.task);
}

function throughDip(beforeWatts: number, measuredWatts: number, fallPart: number): number {
  return measuredWatts < (1 - dipShare) * beforeWatts
    ? beforeWatts + (measuredWatts - beforeWatts) * fallPart
    : measuredWatts;
}

/** What the rest of a domain draws less just now since attempts in it dip. */
export function dippedWatts(drawn: readonly DrawnLast[]): number {
  return drawn.reduce((sum, { watts, restWatts }) => sum + Math.max(0, restWatts - watts), 0);
}
