import { isBelow } from "../../power/shedding/effects.ts";
import { givingUp } from "../../power/shedding/given-up.ts";
import { beginsAtMs, type CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { JobCompliance } from "./compliance.ts";

/** For which others jobs have lost a part of what they lost in the time of a curtailment; in the order of their ids. */
export function forWhom(
  state: EngineState,
  { curtailment: { id, site } }: CurtailmentRecord,
  jobs: readonly JobCompliance[],
): readonly string[] {
  const losing = jobs.filter((one) => one.forOthersPercent > 0);
  return givingUp(state.curtailments.records.values())
    .filter((other) => other.curtailment.id !== id && other.curtailment.site === site)
    .filter((other) => losing.some((one) => hasCost(state, other, one)))
    .map((other) => other.curtailment.id)
    .toSorted((a, b) => (a < b ? -1 : 1));
}

/** Did one that gave its floor up cost a task something, as far as it is counted, or does it now? */
function hasCost(
  state: EngineState,
  record: CurtailmentRecord,
  { job, task, tierPercent }: JobCompliance,
): boolean {
  const { curtailment, isOver, effects } = record;
  const id = taskIdOf({ job, task });
  const { cappedLossMs = 0, pausedMs = 0, afterMs = 0 } = effects.get(id) ?? {};
  const isOn = !isOver && beginsAtMs(record) <= state.nowMs;
  const attempt = state.jobs.get(job)?.active?.get(task);
  const nodes = state.curtailments.paused.get(id)?.nodes ?? attempt?.placement.nodes ?? [];
  const here = state.sites.get(curtailment.site);
  return (
    curtailment.giveUp?.some((tier) => tier === tierPercent) === true &&
    (cappedLossMs + pausedMs + afterMs > 0 ||
      (isOn && here !== undefined && isBelow(here, nodes, curtailment.domain)))
  );
}
