import type { Site } from "@ertis/site-model";

/** So much sooner caps fall where draw is measured seldom. */
const seldomLeadMs = 60_000;

/** So long before its start caps fall for a curtailment at the earliest, once it is planned: ramps may take any time. */
export function longestLeadMs({ domains }: Pick<Site, "domains">): number {
  return domains.some(({ ramp }) => ramp !== undefined) ? Infinity : seldomLeadMs;
}
