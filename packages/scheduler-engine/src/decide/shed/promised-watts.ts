import { floorsScaled, type ShedProblem } from "@ertis/power-planning";
import { addNodeWatts, Leaving } from "../../power/above-idle.ts";
import { holdsUntilMs } from "../../power/attempt-ends.ts";
import { startsInLead } from "../../power/promised-leads.ts";
import { growthOfStart } from "../../power/promised-soon.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import { stopBelievedUntilMs } from "./believed-stops.ts";

/**
 * What bounds grow by when starts come that are promised for soon, wherever they are, beside a curtailment, without
 * what those hold who will be gone; scaled, by column. Undefined: there are none.
 */
export function promisedGrowth(state: EngineState, site: SiteState): Float64Array | undefined {
  const { nowMs } = state;
  const starts = startsInLead(site, nowMs);
  if (starts.length === 0) {
    return undefined;
  }
  const growth = new Float64Array(site.usableScaled.length);
  for (const start of starts) {
    for (const node of start.nodes) {
      addNodeWatts(site, node, growthOfStart(site, node, start), growth);
    }
  }
  const firstMs = Math.min(...starts.map(({ startAtMs }) => startAtMs));
  const leaving = new Leaving(site);
  const ending: Attempt[] = [];
  for (const attempt of site.attempts) {
    if (nowMs < stopBelievedUntilMs(state, attempt)) {
      // Who is believed to leave is not counted any more.
      leaving.add(attempt, growth, 0);
    } else if (holdsUntilMs(attempt) <= firstMs) {
      ending.push(attempt);
    }
  }
  for (const attempt of ending) {
    leaving.add(attempt, growth, -1);
  }
  return growth.map((scaled) => Math.max(0, scaled));
}

/** Leaves room for them as far as floors do: these come before what is promised, and nobody pauses for it. */
export function withPromised(problem: ShedProblem, growth: Float64Array | undefined): ShedProblem {
  if (growth === undefined) {
    return problem;
  }
  const floors = floorsScaled(problem);
  const roomScaled = problem.roomScaled.map((room, column) =>
    Math.max(room - (growth[column] ?? 0), Math.min(room, floors[column] ?? 0)),
  );
  return { ...problem, roomScaled };
}
