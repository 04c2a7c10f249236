import type { Job } from "../../state/job.ts";
import type { Curtailment } from "../../words/curtailment.ts";
import type { FlexibilityTier } from "../../words/job-spec.ts";

/**
 * Whose floors have to be given up for a curtailment that breaks floors: tiers as tolerant as can be, of
 * these the fewest, and tier 0 only with all others. Those that it gives up already are among them.
 * Undefined: no floors that it may give up are enough.
 */
export function enoughTiers(
  { members }: { readonly members: readonly { readonly job: Pick<Job, "spec"> }[] },
  { mode, giveUp = [] }: Pick<Curtailment, "mode" | "giveUp">,
  isEnough: (tiers: readonly FlexibilityTier[]) => boolean,
): readonly FlexibilityTier[] | undefined {
  const tierOf = members.map(({ job }) => job.spec.flexibilityTier);
  const others = [...new Set(tierOf)]
    .filter((tier) => !giveUp.includes(tier) && (tier > 0 || mode === "emergency"))
    .toSorted((a, b) => b - a);
  const count = others.findIndex((_, last) => isEnough(others.slice(0, last + 1)));
  if (count === -1) {
    return undefined;
  }
  let needed: readonly FlexibilityTier[] = others.slice(0, count + 1);
  for (const tier of needed.includes(0) ? [] : needed) {
    const rest = needed.filter((one) => one !== tier);
    needed = rest.length > 0 && isEnough(rest) ? rest : needed;
  }
  return [...giveUp, ...needed].toSorted((a, b) => b - a);
}
