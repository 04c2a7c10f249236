import { instant } from "@ertis/quantities";
import type { PausedTask } from "../../state/curtailments.ts";
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
  const key = { job, ...partOf(task) };
  const until = instant(state.nowMs);
  emit({ kind: "job-paused", ...key, ...namedAs(curtailment), site: site.site.id, until, nodes });
  stopToPause({ emit }, attempt);
  emit({ kind: "job-resumed", ...key });
}

/** The same of one that stops already, on more or fewer of the nodes that it had. */
export function goOnInstead(
  { state, emit }: Deciding,
  { job, task, site }: PausedTask,
  nodes: readonly number[],
): void {
  const key = { job, ...partOf(task) };
  emit({ kind: "job-paused", ...key, site, until: instant(state.nowMs), nodes });
  emit({ kind: "job-resumed", ...key });
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
