import { isBelow } from "../../power/shedding/effects.ts";
import { endMsOf, givingUp } from "../../power/shedding/given-up.ts";
import { lastMs } from "../../power/shedding/way-back.ts";
import { beginsAtMs, type CurtailmentRecord } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { taskIdOf } from "../../state/task-id.ts";
import type { JobCompliance } from "./compliance.ts";

/**
 * For which others jobs have lost a part of what they lost in the time of a curtailment; in the order of their ids. Those
 * are in force with it: what is announced after its end changes no report of it.
 */
export function forWhom(
  state: EngineState,
  record: CurtailmentRecord,
  jobs: readonly JobCompliance[],
): readonly string[] {
  const { id, site } = record.curtailment;
  const others = givingUp(state.curtailments.records.values()).filter(
    (other) => other.curtailment.id !== id && other.curtailment.site === site,
  );
  const named = jobs
    .filter((one) => one.forOthersPercent > 0)
    .flatMap((one) => {
      const costly = others.filter((other) => hasCost(state, other, one));
      const beside = costly.filter((other) => isBeside(record, other));
      return beside.length > 0 ? beside : lastBefore(record, costly);
    });
  return [...new Set(named.map((other) => other.curtailment.id))].toSorted();
}

/** Was it in force in the time of this one, or gave its watts back then? */
function isBeside(record: CurtailmentRecord, other: CurtailmentRecord): boolean {
  const isBegun = beginsAtMs(other) < Math.min(endMsOf(record), endMsOf(other));
  return isBegun && lastMs(other) > beginsAtMs(record);
}

/** Of those that were over before, a task may still have been away for the last one. */
function lastBefore(
  record: CurtailmentRecord,
  costly: readonly CurtailmentRecord[],
): readonly CurtailmentRecord[] {
  return costly
    .filter((other) => endMsOf(other) <= beginsAtMs(record))
    .toSorted((a, b) => endMsOf(b) - endMsOf(a))
    .slice(0, 1);
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
