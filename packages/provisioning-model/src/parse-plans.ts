import type { SiteFileError } from "@ertis/site-model";
import { checkAddresses } from "./check-addresses.ts";
import { checkNames } from "./check-names.ts";
import { checkNetworks } from "./check-networks.ts";
import { type ClusterDraft, draftClusters } from "./cluster-draft.ts";
import { oversubscriptions } from "./oversubscription.ts";
import type { HostState, SitePlan } from "./plan.ts";
import { type Delivery, type DeliveryList, readDeliveries } from "./read-deliveries.ts";
import { draftSite, type SiteDraft } from "./site-draft.ts";
import type { ParsePlansResult, SiteFiles } from "./site-files.ts";

/** A site with its clusters and delivery lists, before the checks that need all sites. */
export interface SiteParts {
  readonly draft: SiteDraft;
  readonly clusters: readonly ClusterDraft[];
  readonly deliveries: readonly DeliveryList[];
  readonly plan: SitePlan;
}

/**
 * Joins the files of all sites to plans. Pure. All mistakes of all files come at once; what must be
 * unique over sites (names, networks, MACs, BMC addresses) is checked among the sites given.
 */
export function parsePlans(files: readonly SiteFiles[]): ParsePlansResult {
  const errors: SiteFileError[] = [];
  const sites: SiteParts[] = [];
  for (const { siteFile, provisioningFile, deliveries } of files) {
    const lists = deliveries.map(({ file, text }) => readDeliveries(file, text));
    const result = draftSite(siteFile, provisioningFile);
    if (result.kind === "errors") {
      errors.push(...result.errors, ...lists.flatMap(({ problems }) => problems.sorted()));
    } else {
      sites.push(assemble(result.draft, lists));
    }
  }
  checkNames(sites);
  checkNetworks(sites);
  checkAddresses(sites);
  for (const { draft, deliveries } of sites) {
    const all = [draft.siteProblems, draft.problems, ...deliveries.map(({ problems }) => problems)];
    errors.push(...all.flatMap((problems) => problems.sorted()));
  }
  return errors.length > 0
    ? { kind: "errors", errors }
    : { kind: "plans", plans: sites.map(({ plan }) => plan) };
}

function assemble(draft: SiteDraft, lists: readonly DeliveryList[]): SiteParts {
  const { declaration, problems, site } = draft;
  const states = new Map<string, HostState>();
  for (const [host, { value }] of declaration.hostStates) {
    if (value !== undefined) {
      states.set(host, value);
    }
  }
  const deliveries = new Map<string, Delivery>();
  for (const delivery of lists.flatMap(({ hosts }) => hosts)) {
    if (!deliveries.has(delivery.hostName)) {
      deliveries.set(delivery.hostName, delivery);
    }
  }
  const clusters = draftClusters(draft, { states, deliveries });
  const plan: SitePlan = {
    site,
    builtDomains: draft.builtDomains,
    mode: declaration.mode,
    registry: declaration.registry ?? "",
    allowedDomains: declaration.allowedDomains,
    kubernetesVersion: declaration.kubernetesVersion?.value ?? "",
    hostImage: declaration.hostImage ?? { url: "", sha256: "" },
    oversubscription: oversubscriptions(problems, site, declaration),
    clusters: clusters.map((cluster) => cluster.plan),
    source: problems.lineOf(declaration.at),
  };
  return { draft, clusters, deliveries: lists, plan };
}
