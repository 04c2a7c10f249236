import { openSite } from "@ertis/simulator";
import type { SimulationInput } from "@ertis/simulator";

/** Sixteen gangs of 64 nodes with eight H100 each, 7.2 MW in all. */
export const gangCount = 16;
export const nodesPerGang = 64;
export const gpusPerNode = 8;
export const peakWatts = 7_200_000;

/** 7.2 MW ÷ 1,024 nodes, in whole watts; idle draw of an immersed node: MLPerf Training v4.0. */
const nodeFullWatts = Math.floor(peakWatts / (gangCount * nodesPerGang));
const nodeIdleWatts = 2_200;

/**
 * A hall of 16 rows, none of whose limits binds: only the feed's ramp does. Speeds under a cap are
 * those of H200 at 350, 500 and 700 W, the slowest of their class (MLPerf Inference v4.1): lower bounds,
 * since those runs trim clocks and fans as well.
 */
function siteText(rampWattsPerMinute: number | undefined): string {
  const ramp =
    rampWattsPerMinute === undefined ? "" : `  ramp: ${rampWattsPerMinute} W/min over 60 s\n`;
  const rows = Array.from(
    { length: gangCount },
    (_, row) => `            - name: row-${row + 1}
              limit: 600 kW
              racks: 8 × rack-h100
              source: assumption, never binds
`,
  );
  return `site: ramped
title: 1,024 nodes of eight H100 behind one feed

nodeClasses:
  h100-8:
    gpuModel: H100-SXM-80GB
    gpuCount: 8
    idle: ${nodeIdleWatts} W
    peak: ${nodeFullWatts} W
    gpuCap: 350 W..700 W
    partUse: share
    source: MLPerf Training v4.0 for idle, the scenario for the peak

templates:
  rack-h100:
    kind: rack
    limit: 60 kW
    nodes: 8 × h100-8
    source: assumption, never binds

curves:
  - gpuModel: H100-SXM-80GB
    class: gang
    points: [[350 W, 0.65, 350 W], [500 W, 0.8, 500 W], [700 W, 1, 700 W]]
    source: MLPerf Inference v4.1, H200; mean draw taken to be the cap

feed:
  limit: 9 MW
${ramp}  source: the scenario
  substations:
    - name: substation-1
      limit: 9 MW
      source: assumption, never binds
      halls:
        - name: hall-1
          limit: 9 MW
          source: assumption, never binds
          rows:
${rows.join("")}`;
}

/** Without watts a minute: the same site with no limit for its ramp. */
export function rampedSite(
  rampWattsPerMinute: number | undefined,
): Pick<SimulationInput, "siteFile" | "siteText" | "site"> {
  const siteFile = "ramped.yaml";
  const text = siteText(rampWattsPerMinute);
  const opened = openSite(siteFile, text);
  if (opened.kind === "errors") {
    throw new Error(opened.errors.map(({ message }) => message).join("\n"));
  }
  return { siteFile, siteText: text, site: opened.site };
}
