import { instant } from "@ertis/quantities";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Deciding } from "../deciding.ts";

interface MoveOfGang {
  readonly attempt: Attempt;
  readonly nodes: readonly number[];
  /** The planned curtailment that it is for, if one is. */
  readonly curtailment: string | undefined;
}

/** It writes a checkpoint, stops, and goes on from it on other nodes, as soon as it has stopped (`startShrunk`). */
export function goOnWith(
  { state, emit }: Deciding,
  site: SiteState,
  { attempt, nodes, curtailment }: MoveOfGang,
): void {
  const { job, task } = attempt;
  emit({
    kind: "job-paused",
    job,
    ...partOf(task),
    ...namedAs(curtailment),
    site: site.site.id,
    until: instant(state.nowMs),
    nodes,
  });
  stopToPause({ emit }, attempt);
  emit({ kind: "job-resumed", job, ...partOf(task) });
}

export function stopToPause(
  { emit }: Pick<Deciding, "emit">,
  { job, task, attempt }: Attempt,
): void {
  emit({ kind: "stop-requested", attempt: { job, task, attempt }, reason: "preemption" });
}

/** Only arrays name their tasks. */
export function partOf(task: number): { readonly task?: number } {
  return task === 0 ? {} : { task };
}

/** Only planned ones are named. */
export function namedAs(curtailment: string | undefined): { readonly curtailment?: string } {
  return curtailment === undefined ? {} : { curtailment };
}
