import { rerank } from "../power/attempt-ranks.ts";
import { known } from "../state/assert.ts";
import type { EngineState } from "../state/engine-state.ts";
import type { NeedsLearned } from "../words/event.ts";
import { lookUp } from "./attempts.ts";

/** What was learned of needs changes who is lowered for whom, so passes look again. Bounds stay what they are. */
export function needsLearned(state: EngineState, event: NeedsLearned): void {
  const site = known(state.sites.get(event.site), "site of a measurement");
  for (const { attempt: key, capWatts } of event.needs) {
    const { attempt } = lookUp(state, key);
    attempt.neededCapWatts = capWatts;
    rerank(site, attempt);
  }
  state.releaseCount += 1;
}
