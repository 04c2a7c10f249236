import { toNumber } from "@ertis/quantities";
import { isBelow } from "../../power/shedding/effects.ts";
import type { CurtailmentRecord, PausedTask } from "../../state/curtailments.ts";
import type { EngineState } from "../../state/engine-state.ts";

/**
 * The curtailment that a task is paused for; empty: lost or cut power. Of an array few attempts are remembered, so that
 * what bounds asked for is told by the last emergency over it that was on when it was paused.
 */
export function pausedBy({ jobs, curtailments, sites }: EngineState, paused: PausedTask): string {
  const { job, task, nodes, fromMs, curtailment } = paused;
  const before = jobs.get(job)?.history.findLast((one) => one.task === task);
  const named = curtailment ?? before?.pausedFor;
  const site = sites.get(paused.site);
  if (named !== undefined || site === undefined || site.lostSupplies.size > 0) {
    return named ?? "";
  }
  const wasOn = ({ curtailment: one, cancelled }: CurtailmentRecord): boolean =>
    one.site === paused.site &&
    one.mode === "emergency" &&
    toNumber(one.start) <= fromMs &&
    fromMs < (cancelled?.atMs ?? toNumber(one.end)) &&
    isBelow(site, nodes, one.domain);
  return [...curtailments.records.values()].findLast(wasOn)?.curtailment.id ?? "";
}
