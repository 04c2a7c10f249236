import type { EngineState } from "../state/engine-state.ts";
import { nodeAsleep } from "../state/site-state.ts";

/**
 * Forgets what decisions noted and no event says: a state that is made of the log or of a snapshot begins
 * without it, so that one which went on decides the same from here on.
 */
export function restarted(state: EngineState): void {
  // The next pass looks at everything.
  state.passedAtRelease = -1;
  state.areRaisesLeft = false;
  state.preemptsAgainAtMs = Infinity;
  state.preemptsGoOnAtMs = Infinity;
  state.preemptsThought.clear();
  state.foundNoRoom.clear();
  for (const shape of state.queue.shapes()) {
    shape.blockedAtRelease = -1;
    shape.reclaimsInVain.clear();
  }
  for (const ramps of state.ramps.values()) {
    ramps.waitUntilMs = 0;
    ramps.waiter = 0;
    ramps.capsAtMs = Infinity;
    ramps.endsAtMs = Infinity;
    ramps.nodesAtMs = Infinity;
    ramps.yielding = { attempts: new Set(), untilMs: 0 };
  }
  for (const site of state.sites.values()) {
    site.shedInVainAt = -1;
    site.raisedInVainAt = -1;
    site.recheckAtMs = undefined;
    site.wakesAgainAtMs = site.nodeFlags.some((flags) => (flags & nodeAsleep) !== 0)
      ? state.nowMs
      : Infinity;
    site.squeezed = undefined;
    site.squeezeTries = undefined;
    site.gangsSeen = undefined;
    site.leftAtMs.fill(state.nowMs);
  }
}
