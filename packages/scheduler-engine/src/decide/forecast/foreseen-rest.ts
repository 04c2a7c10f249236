import { switchOffMs } from "../../limits.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { TaskId } from "../../state/task-id.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import { foreseenEnds } from "./forecast-ends.ts";
import type { Rest } from "./forecast-rest.ts";
import type { ForeseenRest } from "./forecast-steps.ts";
import { onceHeld } from "./once-held.ts";

interface Before {
  readonly site: SiteState;
  readonly domain: number;
  readonly curtailment: Curtailment;
  readonly outs: ReadonlyMap<TaskId, unknown>;
  /** When nodes are off by the first plan, counted from the start. */
  readonly off: ReadonlyMap<number, number>;
}

/** What the plans that follow the first one do to the draw of a domain. Who is off by now stays so. */
export function foreseenRest(
  { site, domain, curtailment, outs, off }: Before,
  rest: readonly Rest[],
): readonly ForeseenRest[] {
  let offBefore = off;
  return rest.map(({ ceiling, described, plan, fromMs }) => {
    const offMs = fromMs + switchOffMs - described.problem.noticeMs;
    const offMoments = new Map(
      plan.powerOffNodes.map((node) => [node, offBefore.get(node) ?? offMs]),
    );
    offBefore = offMoments;
    const { besideScaled } = onceHeld(domain, { ceiling, described, plan }, offMoments);
    const ends = foreseenEnds(site, domain, { curtailment, described, plan, outs, fromMs });
    return { described, plan, fromMs, offMoments, besideScaled, ends };
  });
}
