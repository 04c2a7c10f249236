import { toNumber } from "@ertis/quantities";
import { isPausedBelow, openLossMs } from "../../power/shedding/effects.ts";
import { openForOthersMs, pausedForOthersMs } from "../../power/shedding/given-up.ts";
import type { CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { SiteState } from "../../state/site-state.ts";
import { type TaskId, taskIdOf } from "../../state/task-id.ts";

/** What a task has lost and is not counted yet. */
export interface OpenLoss {
  readonly cappedMs: number;
  readonly pausedMs: number;
  readonly forOthersMs: number;
}

export const nothingOpen: OpenLoss = { cappedMs: 0, pausedMs: 0, forOthersMs: 0 };

/** By task, of a curtailment that is on, or for which caps fall already. */
export function openLosses(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
): ReadonlyMap<TaskId, OpenLoss> {
  const open = new Map<TaskId, OpenLoss>();
  addRunning(state, site, record, open);
  addPaused(state, site, record, open);
  return open;
}

function addRunning(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  open: Map<TaskId, OpenLoss>,
): void {
  for (const attempt of site.attempts) {
    const loss = openLossMs(state, site, record, attempt);
    if (loss > 0 && attempt.phase !== "exited") {
      const id = taskIdOf(attempt);
      const before = open.get(id) ?? nothingOpen;
      open.set(id, {
        ...before,
        cappedMs: before.cappedMs + loss,
        forOthersMs: before.forOthersMs + openForOthersMs(state, site, record, attempt),
      });
    }
  }
}

/** Tasks that are paused now. */
function addPaused(
  state: EngineState,
  site: SiteState,
  record: CurtailmentRecord,
  open: Map<TaskId, OpenLoss>,
): void {
  const { curtailment } = record;
  for (const [id, paused] of state.curtailments.paused) {
    if (isPausedBelow(site, paused, curtailment)) {
      const fromMs = Math.max(paused.fromMs, toNumber(curtailment.start));
      const span = { fromMs, untilMs: state.nowMs };
      const before = open.get(id) ?? nothingOpen;
      open.set(id, {
        ...before,
        pausedMs: Math.max(0, state.nowMs - fromMs),
        forOthersMs: before.forOthersMs + pausedForOthersMs({ state, site, record }, paused, span),
      });
    }
  }
}
