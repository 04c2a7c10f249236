import { toNumber } from "@ertis/quantities";
import type { Site } from "@ertis/site-model";
import { Hub } from "./test-hub.ts";
import { known } from "../state/assert.ts";
import { activeAttempts } from "../state/job.ts";
import type { SiteState } from "../state/site-state.ts";

const supplies = ["ups-a", "ups-b", "ups-c", "ups-d"] as const;

export interface Hall {
  readonly supplyKw: number;
  readonly redundancy: "distributed" | "N+1";
  readonly derating: string;
  readonly loadFactor: string;
  readonly fixedKw: number;
  readonly rackCount: number;
  readonly nodesPerRack: number;
  readonly node: string;
}

/** 4N/3: four supplies of which any three carry the hall. One row for each pair of primary and reserve. */
export function fourOfThree(hall: Hall): string {
  const rows = supplies.flatMap((primary) =>
    supplies
      .filter((reserve) => reserve !== primary)
      .map((reserve) => {
        const fed =
          hall.redundancy === "distributed" ? `, primary: ${primary}, reserve: ${reserve}` : "";
        return `        - {name: ${primary}-to-${reserve}, template: row-a${fed}}`;
      }),
  );
  const all =
    hall.redundancy === "distributed"
      ? `{${supplies.map((name) => `${name}: ${hall.supplyKw} kW`).join(", ")}}`
      : `4 × ${hall.supplyKw} kW`;
  return `site: hub
title: A hall whose supplies share their spare capacity
nodeClasses:
  h100-8: {gpuModel: H100, gpuCount: 8, ${hall.node}, partUse: share, gpuCap: 200 W..700 W, source: assumption}
curves:
  - {gpuModel: H100, class: straight, points: [[200 W, 0.5, 190 W], [700 W, 1, 650 W]], source: assumption}
templates:
  rack-a: {kind: rack, limit: 100 kW, nodes: ${hall.nodesPerRack} × h100-8, source: assumption}
  row-a: {kind: row, limit: 2 MW, racks: ${hall.rackCount} × rack-a, source: assumption}
feed:
  limit: 20 MW
  source: assumption
  halls:
    - name: hall-1
      supplies: ${all}
      redundancy: ${hall.redundancy}
      derating: ${hall.derating}
      loadFactor: ${hall.loadFactor}
      fixed: ${hall.fixedKw} kW
      source: assumption
      rows:
${rows.join("\n")}
`;
}

/** One node of 2 to 10 kW a row: a supply carries three of its nodes at their peak and one idle. */
export const small: Hall = {
  supplyKw: 36,
  redundancy: "distributed",
  derating: "1",
  loadFactor: "1",
  fixedKw: 0,
  rackCount: 1,
  nodesPerRack: 1,
  node: "idle: 2 kW, peak: 10 kW",
};

/** 384 nodes of the class of a DGX H100 behind four blocks of 1.5 MW, with cooling on the same supplies. */
export const large: Hall = {
  supplyKw: 1_500,
  redundancy: "distributed",
  derating: "0.9",
  loadFactor: "1.15",
  fixedKw: 40,
  rackCount: 8,
  nodesPerRack: 4,
  node: "idle: 2100 W, peak: 10200 W",
};

export function siteOf(hub: Hub): SiteState {
  return known(hub.state.sites.get("hub"), "hub");
}

export function isRunning(hub: Hub, job: number): boolean {
  return activeAttempts(known(hub.state.jobs.get(job), "job")).length > 0;
}

/** Plays every single failure through: what each supply carries at most, in watts. */
export function worstLoads(hub: Hub): ReadonlyMap<string, number> {
  const state = siteOf(hub);
  const load = known(state.horizons[0], "now").load;
  const { domains }: Site = state.site;
  const hall = known(domains[1], "hall");
  const factor = hall.loadFactor.numerator / hall.loadFactor.denominator;
  const worst = new Map<string, number>();
  for (const failed of supplies) {
    const carried = new Map<string, number>();
    for (const row of domains.filter((one) => one.parentIndex === 1)) {
      const fedBy = known(row.fedBy, "supplies of a row");
      const supply = fedBy.primary === failed ? fedBy.reserve : fedBy.primary;
      const rowWatts = ((load[row.index] ?? 0) / row.loadScale) * factor;
      carried.set(supply, (carried.get(supply) ?? toNumber(hall.fixedWatts)) + rowWatts);
    }
    for (const [supply, carriedWatts] of carried) {
      worst.set(supply, Math.max(worst.get(supply) ?? 0, carriedWatts));
    }
  }
  return worst;
}

export function hallWatts(hub: Hub): number {
  return known(siteOf(hub).horizons[0], "now").load[1] ?? 0;
}

export function fill(hall: Hall, jobCount: number): Hub {
  const hub = new Hub(fourOfThree(hall));
  for (let job = 1; job <= jobCount; job += 1) {
    hub.run();
  }
  return hub;
}
