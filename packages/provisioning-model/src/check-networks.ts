import type { Problems } from "@ertis/site-model/reader";
import { cidrText, overlaps } from "./cidr.ts";
import type { NetworkBlock, NetworkName } from "./declaration.ts";
import type { SiteParts } from "./parse-plans.ts";

interface Claim {
  readonly problems: Problems;
  readonly siteId: string;
  readonly name: NetworkName;
  readonly network: NetworkBlock;
}

/** No block overlaps another, within a site and over sites: halls talk to each other and to one management cluster. */
export function checkNetworks(sites: readonly SiteParts[]): void {
  const claims: Claim[] = [];
  for (const { draft } of sites) {
    for (const [name, network] of draft.declaration.networks?.blocks ?? []) {
      const claim: Claim = { problems: draft.problems, siteId: draft.site.id, name, network };
      for (const other of claims) {
        if (overlaps(other.network.block, network.block)) {
          report(claim, other);
        }
      }
      claims.push(claim);
    }
  }
}

function report(claim: Claim, other: Claim): void {
  const { file } = other.problems;
  claim.problems.add(
    claim.network.at,
    `${claim.name} ${cidrText(claim.network.block)} overlaps ${other.name} ${cidrText(other.network.block)} of ${other.siteId} at ${file}:${other.network.at.line}: give one of them another block`,
  );
}
