import { toNumber, watts } from "@ertis/quantities";
import { diffSites, type Site, type SiteNode } from "@ertis/site-model";
import { parseRegistration } from "../../apply/sites.ts";
import { boundWattsByGpusHeld } from "../../state/bounds.ts";
import { capInForce, capsOfClass, cutWattsOf } from "../../state/caps.ts";
import { sumUp } from "../../power/create-horizon.ts";
import { known } from "../../state/assert.ts";
import { nodeLost, nodeOff, type SiteState } from "../../state/site-state.ts";
import type { EngineState } from "../../state/engine-state.ts";
import type { RegisterSite } from "../../words/command.ts";
import type { Reply } from "../../words/reply.ts";
import { type Deciding, rejected } from "../deciding.ts";

/** How many reasons a refusal lists before it says how many more there are. */
const reasonsShownMax = 10;

/** Registers a site, or takes an edited file for a known one when nothing that runs is stranded. */
export function registerSite(deciding: Deciding, command: RegisterSite): Reply {
  const { kind: _kind, at: _at, ...registration } = command;
  const { state, emit } = deciding;
  const result = parseRegistration(state, registration);
  if (result.kind === "errors") {
    return rejected(
      "invalid-site-file",
      result.errors
        .map((one) => `${one.file}:${one.line}:${one.column} ${one.path}: ${one.message}`)
        .join("\n"),
    );
  }
  const { site } = result;
  if (site.id !== command.site) {
    return rejected(
      "invalid-site-file",
      `${command.file}: describes "${site.id}", not "${command.site}"`,
    );
  }
  const old = state.sites.get(site.id);
  if (old?.site.revision === site.revision) {
    return { kind: "done" };
  }
  const reasons = old === undefined ? [] : strandingReasons(state, old, site);
  if (reasons.length > 0) {
    const more = reasons.length - reasonsShownMax;
    return rejected(
      "site-change-strands-jobs",
      [
        `the edited ${command.file} does not carry what runs now; drain the parts it changes first:`,
        ...reasons.slice(0, reasonsShownMax),
        ...(more > 0 ? [`… and ${more} more`] : []),
      ].join("\n"),
    );
  }
  emit({ kind: "site-registered", registration, revision: site.revision });
  return { kind: "done" };
}

/** Held nodes that go or change, budgets whose domain goes, limits below what is in force. */
function strandingReasons(state: EngineState, old: SiteState, site: Site): string[] {
  const diff = diffSites(old.site, site);
  const reasons: string[] = [];
  const explain = (node: SiteNode, what: string): void => {
    const before = old.nodeIndexById.get(node.id) ?? -1;
    const jobs = (old.attemptsOnNode[before] ?? []).map((attempt) => attempt.job);
    if (jobs.length > 0) {
      reasons.push(`node ${node.id} ${what}, but job ${jobs.join(", ")} holds GPUs there`);
    }
  };
  for (const node of diff.nodesRemoved) {
    explain(node, "would be gone");
    if (((old.nodeFlags[old.nodeIndexById.get(node.id) ?? -1] ?? 0) & nodeLost) !== 0) {
      reasons.push(
        `node ${node.id} would be gone, but it is lost and may still draw power; confirm its power-off first`,
      );
    }
  }
  const removedNodes = new Set(diff.nodesRemoved.map((node) => node.id));
  for (const { job, site: id, nodes, isShrinking } of state.curtailments.paused.values()) {
    const isKeptOn = isShrinking && id === old.site.id;
    const gone = nodes.find((node) => removedNodes.has(old.site.nodes[node]?.id ?? ""));
    if (isKeptOn && gone !== undefined) {
      reasons.push(
        `node ${old.site.nodes[gone]?.id ?? ""} would be gone, but job ${job} goes on there with fewer nodes`,
      );
    }
  }
  for (const change of diff.nodesChanged) {
    explain(change.before, `would become ${change.classAfter}`);
  }
  for (const change of diff.nodeClassesChanged) {
    if (change.fields.includes("gpuCount") || change.fields.includes("gpuModel")) {
      for (const node of old.site.nodes) {
        if (old.site.nodeClasses[node.classIndex]?.name === change.name) {
          explain(node, "would have other GPUs");
        }
      }
    }
  }
  const removedDomains = new Set(diff.domainsRemoved.map((domain) => domain.id));
  for (const budget of old.budgets) {
    if (removedDomains.has(budget.domain)) {
      reasons.push(`budget ${budget.id} is set on ${budget.domain}, which would be gone`);
    }
  }
  for (const { id, domain } of old.curtailments) {
    if (removedDomains.has(domain)) {
      reasons.push(`curtailment ${id} is of ${domain}, which would be gone; cancel it first`);
    }
  }
  return reasons.length > 0 ? reasons : overloadReasons(old, site);
}

/** Domains of the edited site whose limit is below the bounds that are in force today. */
function overloadReasons(old: SiteState, site: Site): string[] {
  const load = Float64Array.from(
    site.domains,
    (domain) => toNumber(domain.fixedWatts) * domain.loadScale,
  );
  for (const node of site.nodes) {
    const domain = known(site.domains[node.domainIndex], "domain of a node");
    load[domain.index] =
      (load[domain.index] ?? 0) + nodeWatts(old, site, node) * domain.nodeMultiplier;
  }
  sumUp(
    {
      parent: Int32Array.from(site.domains, (domain) => domain.parentIndex),
      parentMultiplier: Float64Array.from(site.domains, (domain) => domain.parentMultiplier),
    },
    load,
  );
  const transfers = site.transferSums.flatMap((sum) => {
    const domain = known(site.domains[sum.domainIndex], "domain of a transfer sum");
    let scaled = toNumber(domain.fixedWatts) * domain.loadScale;
    for (const child of sum.children) {
      scaled += (load[child] ?? 0) * (site.domains[child]?.parentMultiplier ?? 0);
    }
    const isOver = scaled > toNumber(sum.usableWatts) * domain.loadScale;
    return isOver
      ? [
          `${domain.id}: supply ${sum.supply} carries ${sum.usableWatts} W, and would have to carry ${Math.ceil(scaled / domain.loadScale)} W${sum.failed === undefined ? "" : ` when ${sum.failed} fails`}`,
        ]
      : [];
  });
  const domains = site.domains
    .filter((domain) => (load[domain.index] ?? 0) > toNumber(domain.usableWatts) * domain.loadScale)
    .map((domain) => {
      const inForce = watts(Math.ceil((load[domain.index] ?? 0) / domain.loadScale));
      return `${domain.id}: ${domain.source.file}:${domain.source.line} allows ${domain.usableWatts} W, in force are ${inForce} W`;
    });
  return [...domains, ...transfers];
}

/** What a node of the edited site may draw, with what is held on it today. */
function nodeWatts(old: SiteState, site: Site, node: SiteNode): number {
  const before = old.nodeIndexById.get(node.id) ?? -1;
  if (((old.nodeFlags[before] ?? 0) & nodeOff) !== 0) {
    return 0;
  }
  const nodeClass = known(site.nodeClasses[node.classIndex], "node class");
  const bounds = boundWattsByGpusHeld(nodeClass);
  const caps = capsOfClass(nodeClass);
  let cut = 0;
  for (const attempt of old.attemptsOnNode[before] ?? []) {
    cut += cutWattsOf(caps, attempt.gpusPerNode, capInForce(attempt, before));
  }
  return Math.max(bounds[0] ?? 0, (bounds[old.gpusHeld[before] ?? 0] ?? 0) - cut);
}
