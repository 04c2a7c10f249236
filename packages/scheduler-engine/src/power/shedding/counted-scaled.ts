import type { ShedJob } from "@ertis/power-planning";
import { visitAbove } from "../../state/columns.ts";
import type { SiteState } from "../../state/site-state.ts";

/**
 * Beside its domains, what a job counts that has the same cap on all its nodes: sums of whole numbers, so that it does not
 * matter in which order they are added.
 */
export function countedAlike({ scaledPerGpuWatt }: ShedJob, capWatts: number): Float64Array {
  const counted = new Float64Array(scaledPerGpuWatt.length);
  for (let at = 0; at < counted.length; at += 1) {
    counted[at] = capWatts * (scaledPerGpuWatt[at] ?? 0);
  }
  return counted;
}

/** The same where its nodes differ. Only the domains that the job is below count. */
export function countedByNode(
  site: SiteState,
  { domains }: ShedJob,
  nodes: readonly number[],
  wattsOf: (node: number) => number,
): Float64Array {
  const counted = new Float64Array(domains.length);
  for (const node of nodes) {
    visitAbove(site, node, wattsOf(node), (column, scaled) => {
      const at = domains.indexOf(column);
      counted[at] = (counted[at] ?? 0) + scaled;
    });
  }
  return counted;
}
