import { feltDomains } from "../../power/felt-domains.ts";
import type { EngineState } from "../../state/engine-state.ts";
import { type Attempt, isEligible, type Job } from "../../state/job.ts";
import type { SiteState } from "../../state/site-state.ts";

/** Nodes have so long to acknowledge before the start that waits for them is planned anew. */
export const squeezeLeadMs = 10_000;
/**
 * And so long before what the others freed is given back to them. Shorter than answers may take, caps would rise and fall
 * in a circle; who has not answered by then is lowered for nobody before he does.
 */
export const squeezeHoldMs = 30_000;

/**
 * Orders for a squeeze are on their way, and the job it is for still waits: the watts they free are its
 * own, and nobody is raised with them. A node that does not answer holds this up for a while only.
 */
export function isHeldForSqueeze(state: EngineState, { squeezed }: SiteState): boolean {
  if (squeezed === undefined || state.nowMs >= squeezed.atMs + squeezeHoldMs) {
    return false;
  }
  // With every order carried out the job has had its turn: what is left is everybody's again.
  if (!squeezed.attempts.some(isOnItsWay)) {
    return false;
  }
  const job = state.jobs.get(squeezed.job);
  return job !== undefined && isEligible(job);
}

function isOnItsWay({ capInForce, phase }: Attempt): boolean {
  return capInForce !== undefined && phase !== "exited";
}

/** May watts be taken from attempts that run there? Not from those, nor for nodes, below a curtailment that is carried out. */
export function maySqueeze(state: EngineState, site: SiteState): boolean {
  return takesSqueezes(state, site) && !isHeldForSqueeze(state, site);
}

/**
 * Until when one that has just come waits for others that caps fall for: they have their turn, and then it is known whether
 * caps may fall for it, too. Never longer than orders are waited for; -Infinity: it does not.
 */
export function waitsForSqueezeUntilMs(
  state: EngineState,
  site: SiteState,
  { number, submittedAtMs }: Job,
): number {
  const { squeezed } = site;
  const other = squeezed?.job === number ? undefined : state.jobs.get(squeezed?.job ?? -1);
  if (squeezed === undefined || other === undefined || !isEligible(other)) {
    return -Infinity;
  }
  return takesSqueezes(state, site)
    ? Math.min(squeezed.atMs, submittedAtMs) + squeezeHoldMs
    : -Infinity;
}

function takesSqueezes(state: EngineState, site: SiteState): boolean {
  const isCurtailed = site.isInCurtailment && feltDomains(site, state.nowMs).has(0);
  return site.capTakerCount > 0 && !isCurtailed;
}
