/** A site of the benchmark: so many nodes, with or without a bound of power that is ever felt. */
export interface SiteSize {
  /** In halls of 500. */
  readonly nodeCount: number;
  /** Limits bind and GPUs take caps; else limits are ten times as large and nothing is capped. */
  readonly hasPower: boolean;
}

const hallNodes = 500;
const hallsPerSubstation = 8;

/** With every node at its nameplate peak the feed would need this much, its network and cooling included. */
const nameplateWattsPerNode = 14_820;

/** The part of it that the feed carries. */
const feedShare = 0.75;

/**
 * Halls as in `sites/pavlodar-hub-overbuilt.yaml`, as many as hold the nodes, behind a feed that carries
 * three quarters of their nameplate; the GPUs take the caps of `infra/sites/pavlodar-hub.yaml`.
 */
export function siteText({ nodeCount, hasPower }: SiteSize): string {
  const hallCount = nodeCount / hallNodes;
  if (!Number.isInteger(hallCount) || hallCount < 1) {
    throw new Error(`${nodeCount} nodes: a multiple of ${hallNodes} is needed`);
  }
  const factor = hasPower ? 1 : 10;
  const kilowatts = (watts: number): string => `${Math.round((watts * factor) / 1_000)} kW`;
  const limitWatts = nameplateWattsPerNode * nodeCount * feedShare;
  return `site: scale
title: Benchmark of ${nodeCount} nodes

nodeClasses:
  h100-8:
    gpuModel: H100-SXM-80GB
    gpuCount: 8
    idle: 2.5 kW
    peak: 10.2 kW
    partUse: share
${hasPower ? "    gpuCap: 200 W..700 W\n" : ""}    source: as in infra/sites/pavlodar-hub.yaml

${hasPower ? curvesText() : ""}templates:
  rack-h100: {kind: rack, supplies: 2 × ${kilowatts(43_600)}, redundancy: 2N, nodes: 4 × h100-8, source: assumption of the benchmark}
  row-h100:
    kind: row
    supplies: 2 × ${kilowatts(550_000)}
    redundancy: 2N
    derating: 0.8
    networkPerNode: 930 W
    racks: 10 × rack-h100
    source: assumption of the benchmark
  row-h100-short:
    kind: row
    template: row-h100
    racks: 5 × rack-h100
    source: assumption of the benchmark
  hall-h100:
    kind: hall
    supplies: 8 × ${kilowatts(840_000)}
    redundancy: N+1
    fixed: 310 kW
    rows: [12 × row-h100, 1 × row-h100-short]
    source: assumption of the benchmark
  substation:
    kind: substation
    supplies: 3 × ${kilowatts(29_000_000)}
    redundancy: N+1
    loadFactor: 1.25
    fixed: 100 kW
    source: assumption of the benchmark

feed:
  limit: ${kilowatts(limitWatts)}
  fixed: ${Math.round(nodeCount / 10)} kW
  source: assumption of the benchmark
  substations:
${substations(hallCount)}`;
}

/** Speed of each class at these caps. Concave, as sweeps of training are, so that it pays to lower others. */
const curveCapsWatts = [350, 450, 550, 620, 700] as const;
const curveSpeeds: Readonly<Record<string, readonly number[]>> = {
  "training-dense": [0.74, 0.87, 0.95, 0.98, 1],
  "training-sparse": [0.82, 0.92, 0.97, 0.99, 1],
  "training-vision": [0.86, 0.95, 0.985, 0.995, 1],
  inference: [0.61, 0.74, 0.86, 0.93, 1],
  simulation: [0.9, 0.97, 0.99, 1, 1],
};

function curvesText(): string {
  const curves = Object.entries(curveSpeeds).map(([name, speeds]) => {
    const points = curveCapsWatts.map((watts, at) => `[${watts} W, ${speeds[at]}, ${watts} W]`);
    return `  - {gpuModel: H100-SXM-80GB, class: ${name}, points: [${points.join(", ")}], source: assumption of the benchmark}\n`;
  });
  return `curves:\n${curves.join("")}\n`;
}

/** Classes of work that the site has curves for. */
export const workloadClasses: readonly string[] = Object.keys(curveSpeeds);

function substations(hallCount: number): string {
  const lines: string[] = [];
  for (let first = 0; first < hallCount; first += hallsPerSubstation) {
    const halls = Math.min(hallsPerSubstation, hallCount - first);
    const name = `substation-${first / hallsPerSubstation + 1}`;
    lines.push(
      `    - {name: ${name}, template: substation, source: assumption of the benchmark, halls: ${halls} × hall-h100}`,
    );
  }
  return `${lines.join("\n")}\n`;
}
