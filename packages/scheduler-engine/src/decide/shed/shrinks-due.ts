import type { SettledPlan } from "@ertis/power-planning";
import { leaving, stepsOfEnd } from "../../power/ramp/ramp-room.ts";
import { known } from "../../state/assert.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Attempt } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { DescribedShed } from "./describe-shed.ts";

/**
 * When each gang of a plan is to stop, so that it goes on with fewer nodes from the beginning on: as late as its
 * checkpoint allows and, where ramps stand above, the stops that come then and after it. Counted from now.
 */
export function shrinksDue(
  state: EngineState,
  site: SiteState,
  { members, problem: { noticeMs } }: DescribedShed,
  { pauses, shrinks }: Pick<SettledPlan, "pauses" | "shrinks">,
): (id: number) => number {
  const falling = new Falling(state, site);
  const add = (id: number): void => falling.add(known(members[id], "member of a plan").attempt);
  pauses.filter(({ fromMs }) => fromMs <= noticeMs).forEach(({ id }) => add(id));
  const due = new Map<number, number>();
  for (const { id } of shrinks.toReversed()) {
    add(id);
    const { saveMs } = known(members[id], "member of a plan").shed;
    due.set(id, Math.max(0, noticeMs - saveMs - falling.ms));
  }
  return (id) => due.get(id) ?? 0;
}

type Stopping = DescribedShed["members"][number]["attempt"];

/** How long the stops so far take together at the ramps above them. */
class Falling {
  readonly #state: EngineState;
  readonly #site: SiteState;
  readonly #scaled = new Map<number, number>();
  readonly #gone: Set<Attempt>;
  ms = 0;

  constructor(state: EngineState, site: SiteState) {
    this.#state = state;
    this.#site = site;
    this.#gone = leaving(site);
  }

  add(attempt: Stopping): void {
    const ramps = this.#state.ramps.get(this.#site.site.id);
    if (ramps === undefined || attempt === undefined) {
      return;
    }
    for (const [domain, step] of stepsOfEnd(this.#site, ramps, attempt, { gone: this.#gone })) {
      const limit = known(ramps.budget.ledgers[domain], "ramp of a domain").limit;
      const scaled = (this.#scaled.get(domain) ?? 0) + Math.abs(step);
      this.#scaled.set(domain, scaled);
      this.ms = Math.max(this.ms, Math.ceil((scaled / limit.watts) * limit.perMs));
    }
    this.#gone.add(attempt);
  }
}
