import type { PowerDomain, SourceLine } from "@ertis/site-model";
import { toNumber } from "@ertis/quantities";
import { counted } from "@ertis/site-model/reader";
import { lastPart } from "./naming.ts";
import type { ClusterPlan, SitePlan } from "./plan.ts";
import { ceilDivide, pathUp, scaledLoads, scaledUsable } from "./power-loads.ts";
import { exactPower, suppliesText } from "./power-words.ts";

/** A host where it draws power: its rack, or its row. */
export interface InstalledPower {
  readonly domainIndex: number;
  readonly ratedWatts: number;
  readonly idleWatts: number;
}

/** A limit that what is installed does not fit. */
export interface PowerProblem {
  /** The first of those that are alike. */
  readonly domain: PowerDomain;
  readonly message: string;
  /** Where the limit is written. */
  readonly source: SourceLine;
}

/** The GPU hosts of these clusters as they stand; management hosts are part of their hall's fixed load. */
export function installedPower(clusters: readonly ClusterPlan[]): readonly InstalledPower[] {
  return clusters.flatMap(({ hosts }) =>
    hosts
      .filter(({ role }) => role === "gpu")
      .map(({ rackIndex, ratedWatts, idleWatts }) => ({
        domainIndex: rackIndex,
        ratedWatts,
        idleWatts,
      })),
  );
}

/** Parts of a ratio; ratios have four places. */
const ratioParts = 10_000;

/**
 * Every domain above installed hosts whose usable limit, which is what any single failure leaves, is
 * below their idle and fixed load, or below their rated load by more than the declared oversubscription.
 * Domains that are alike are one problem. Of domains without installed hosts, built substations draw
 * their fixed load and others nothing.
 */
export function powerProblems(
  plan: SitePlan,
  installed: readonly InstalledPower[],
): readonly PowerProblem[] {
  const { site } = plan;
  const tallies = tallyOf(plan, installed);
  // A built substation draws its own load before the first of its halls stands.
  const standing = ({ index, kind }: PowerDomain): boolean =>
    tallies.has(index) || (kind === "substation" && plan.builtDomains.has(index));
  const loadsOf = (figure: "ratedWatts" | "idleWatts"): readonly bigint[] =>
    scaledLoads(
      site,
      installed.map((host) => ({ domainIndex: host.domainIndex, drawWatts: host[figure] })),
      standing,
    );
  const [rated, idle] = [loadsOf("ratedWatts"), loadsOf("idleWatts")];
  const alike = new Map<
    string,
    { readonly domain: PowerDomain; readonly finding: string; count: number }
  >();
  for (const domain of site.domains) {
    const tally = tallies.get(domain.index);
    const finding =
      tally === undefined
        ? undefined
        : findingOf(plan, domain, {
            tally,
            ratedLoad: rated[domain.index] ?? 0n,
            idleLoad: idle[domain.index] ?? 0n,
          });
    if (finding !== undefined) {
      const key = `${domain.kind} ${finding}`;
      const first = alike.get(key);
      if (first === undefined) {
        alike.set(key, { domain, finding, count: 1 });
      } else {
        first.count += 1;
      }
    }
  }
  return Array.from(alike.values(), ({ domain, finding, count }) => ({
    domain,
    message: `${placeOf(plan, domain)}${count > 1 ? ` (and ${count - 1} more alike)` : ""}: ${finding}`,
    source: domain.source,
  }));
}

interface Tally {
  hostCount: number;
  ratedWatts: number;
  idleWatts: number;
}

/** What is installed in and below each domain; only domains above installed hosts are there. */
function tallyOf(plan: SitePlan, installed: readonly InstalledPower[]): ReadonlyMap<number, Tally> {
  const tallies = new Map<number, Tally>();
  for (const { domainIndex, ratedWatts, idleWatts } of installed) {
    for (const { index } of pathUp(plan.site, domainIndex)) {
      const tally = tallies.get(index) ?? { hostCount: 0, ratedWatts: 0, idleWatts: 0 };
      tally.hostCount += 1;
      tally.ratedWatts += ratedWatts;
      tally.idleWatts += idleWatts;
      tallies.set(index, tally);
    }
  }
  return tallies;
}

interface Figures {
  readonly tally: Tally;
  readonly ratedLoad: bigint;
  readonly idleLoad: bigint;
}

function findingOf(plan: SitePlan, domain: PowerDomain, figures: Figures): string | undefined {
  const { tally, ratedLoad, idleLoad } = figures;
  const usable = scaledUsable(domain);
  const declared = plan.oversubscription[domain.index] ?? { ratio: 1, source: plan.source };
  const allowedParts = BigInt(Math.round(declared.ratio * ratioParts));
  const limit = `usable are ${exactPower(toNumber(domain.usableWatts))} (${suppliesText(domain)})`;
  const change = `change the limit at ${lineText(domain.source)}`;
  if (idleLoad > usable) {
    return `${loadText(domain, tally.hostCount, { state: "idle at", ownWatts: tally.idleWatts, load: idleLoad })}; ${limit}, and no admission can hold that: install fewer hosts or ${change}`;
  }
  if (ratedLoad * BigInt(ratioParts) <= usable * allowedParts) {
    return undefined;
  }
  const neededRatio = Number(ceilDivide(ratedLoad * BigInt(ratioParts), usable)) / ratioParts;
  return `${loadText(domain, tally.hostCount, { state: "rated", ownWatts: tally.ratedWatts, load: ratedLoad })}; ${limit}, declared oversubscription is ${declared.ratio} and ${neededRatio} would be needed: install fewer hosts, ${change} or declare oversubscription at ${lineText(declared.source)}`;
}

interface LoadWords {
  readonly state: string;
  readonly ownWatts: number;
  readonly load: bigint;
}

/** `40 hosts rated 408 kW with 37.2 kW of network, cooling and other load are 445.2 kW`. */
function loadText(domain: PowerDomain, hostCount: number, words: LoadWords): string {
  const loadWatts = Number(ceilDivide(words.load, BigInt(domain.loadScale)));
  const otherWatts = loadWatts - words.ownWatts;
  const hosts = `${counted(hostCount, "host")} ${words.state} ${exactPower(words.ownWatts)}`;
  return otherWatts === 0
    ? hosts
    : `${hosts} with ${exactPower(otherWatts)} of network, cooling and other load are ${exactPower(loadWatts)}`;
}

function placeOf({ site }: SitePlan, { id, parentIndex }: PowerDomain): string {
  const parent = site.domains[parentIndex];
  return parent === undefined ? id : `${lastPart(id)} of ${parent.id}`;
}

function lineText({ file, line }: SourceLine): string {
  return `${file}:${line}`;
}
