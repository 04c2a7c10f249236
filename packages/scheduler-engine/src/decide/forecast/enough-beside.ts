import { isBelow } from "../../power/shedding/effects.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { Job } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";
import { besidePromises } from "./beside-promises.ts";
import { enoughTiers } from "./enough-tiers.ts";
import type { Infeasible } from "./forecast-refusal.ts";
import { type Looking, onlyWhether } from "./looking.ts";

/** Among more jobs nothing is asked: each question is a whole forecast. */
const comparedJobsMax = 300;

/**
 * A refusal with the floors that would be enough to give up in this one alone: it is forecast as it will be when they are
 * typed back. Beside others, or where what was found to be enough is not, they are looked for so.
 */
export function withEnoughBeside(
  engine: EngineState,
  curtailment: Curtailment,
  refused: Infeasible,
  looking: Looking,
): Infeasible {
  const site = engine.sites.get(curtailment.site);
  if (site === undefined || (refused.beside.length === 0 && refused.enough === undefined)) {
    return refused;
  }
  const members = jobsBelow(engine, site, curtailment.domain).map((job) => ({ job }));
  if (members.length > comparedJobsMax) {
    return refused;
  }
  const { giveUp: given = [] } = curtailment;
  const isAccepted = (giveUp: readonly FlexibilityTier[]): boolean =>
    !looking.isSpent() &&
    besidePromises(engine, { ...curtailment, giveUp }, onlyWhether(looking.nowMs)).forecast.kind ===
      "forecast";
  if (refused.beside.length === 0 && refused.enough !== undefined && isAccepted(refused.enough)) {
    return refused;
  }
  const enough = enoughTiers({ members }, curtailment, (tiers) => isAccepted([...given, ...tiers]));
  return { ...refused, enough, areTiersRough: enough === undefined && looking.isSpent() };
}

/** Those that run there or are paused. */
export function jobsBelow(
  { jobs, curtailments }: EngineState,
  site: SiteState,
  domain: string,
): readonly Job[] {
  const paused = [...curtailments.paused.values()].filter((one) => one.site === site.site.id);
  const running = [...site.attempts].map(({ job, placement: { nodes } }) => ({ job, nodes }));
  return [...running, ...paused].flatMap(({ job, nodes }) =>
    isBelow(site, nodes, domain) ? (jobs.get(job) ?? []) : [],
  );
}
