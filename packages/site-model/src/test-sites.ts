/** Small site files for tests of this package. */
import { toNumber } from "@ertis/quantities";
import { parseSite, type PhaseChoice } from "./parse-site.ts";
import type { Site } from "./site.ts";

/** One hall, two rows of two racks of two nodes; the substation cools with a quarter on top. */
export const smallSite: string = `site: small
title: A small site
nodeClasses:
  h100-8:
    gpuModel: H100-SXM-80GB
    gpuCount: 8
    idle: 2.5 kW
    peak: 10.2 kW
    partUse: share
    source: assumption
phases:
  - {name: first, built: true}
  - {name: second, built: false}
templates:
  rack-a:
    kind: rack
    supplies: 2 × 25 kW
    redundancy: 2N
    nodes: 2 × h100-8
    source: assumption
  row-a:
    kind: row
    limit: 60 kW
    derating: 0.8
    networkPerNode: 930 W
    racks: 2 × rack-a
    source: assumption
feed:
  limit: 1 MW
  source: assumption
  substations:
    - name: substation-1
      supplies: 3 × 100 kW
      redundancy: N+1
      loadFactor: 1.25
      fixed: 1 kW
      source: assumption
      halls:
        - name: hall-1
          phase: first
          limit: 150 kW
          rows: 2 × row-a
          source: assumption
        - name: hall-2
          phase: second
          limit: 150 kW
          rows: 2 × row-a
          source: assumption
`;

/** The small site with the first `find` replaced. @throws when it is not there. */
export function smallSiteWith(find: string, replacement: string): string {
  if (!smallSite.includes(find)) {
    throw new Error(`the small site has no ${JSON.stringify(find)}`);
  }
  return smallSite.replace(find, () => replacement);
}

/** @throws with the messages when the text is refused. */
export function siteOf(text: string, phases: PhaseChoice = "built"): Site {
  const result = parseSite({ file: "small.yaml", text, phases });
  if (result.kind === "errors") {
    throw new Error(errorLines(text).join("\n"));
  }
  return result.site;
}

/** The mistakes as `line:column path: message`; empty when the text is accepted. */
export function errorLines(text: string, phases: PhaseChoice = "built"): readonly string[] {
  const result = parseSite({ file: "small.yaml", text, phases });
  return result.kind === "site"
    ? []
    : result.errors.map(
        ({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`,
      );
}

/** @throws RangeError when there is no such item. */
export function itemAt<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) {
    throw new RangeError(`no item ${index} among ${list.length}`);
  }
  return item;
}

/**
 * Loads of all domains with every node idle or at its peak, in units of each domain's `loadScale`:
 * plain sums from the leaves to the root, as an engine makes them.
 */
export function scaledLoads(site: Site, figure: "idleWatts" | "peakWatts"): readonly number[] {
  const loads = site.domains.map((domain) => toNumber(domain.fixedWatts) * domain.loadScale);
  const addTo = (index: number, scaled: number): void => {
    loads[index] = itemAt(loads, index) + scaled;
  };
  for (const { domainIndex, classIndex } of site.nodes) {
    const drawWatts = toNumber(itemAt(site.nodeClasses, classIndex)[figure]);
    addTo(domainIndex, drawWatts * itemAt(site.domains, domainIndex).nodeMultiplier);
  }
  for (const { index, parentIndex, parentMultiplier } of site.domains.toReversed()) {
    if (parentIndex >= 0) {
      addTo(parentIndex, itemAt(loads, index) * parentMultiplier);
    }
  }
  return loads;
}
