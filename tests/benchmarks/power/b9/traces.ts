import { readDataFile } from "../../data-file.ts";

/** Measured draw of whole nodes under one job, by second of the job. */
export interface NodeTraces {
  /** One row a node, each different from all others: the files hold some columns twice. */
  readonly nodes: readonly Float64Array[];
  readonly secondCount: number;
  readonly peakWatts: number;
  /** Mean of the nodes' own peaks. */
  readonly ownPeaksWatts: number;
  /** Highest sum of a second ÷ nodes: what one gang of them draws a node. */
  readonly coincidentWatts: number;
  readonly meanWatts: number;
}

export type LoadedTraces =
  | { readonly kind: "traces"; readonly traces: NodeTraces }
  | { readonly kind: "absent"; readonly message: string };

export function loadTraces(path: string, sha256: string): LoadedTraces {
  const file = readDataFile(path, sha256);
  return file.kind === "absent" ? file : { kind: "traces", traces: parseTraces(file.text) };
}

function parseTraces(text: string): NodeTraces {
  const rows = text
    .trim()
    .split(/\r?\n/u)
    .slice(1)
    .map((line) => line.split(",").map(Number));
  const secondsPerRow = (rows[1]?.[0] ?? 1) - (rows[0]?.[0] ?? 0);
  const columnCount = (rows[0]?.length ?? 1) - 1;
  const distinct = new Map<string, Float64Array>();
  for (let column = 1; column <= columnCount; column += 1) {
    // A reading holds until the next one.
    const watts = rows.flatMap((row) =>
      Array.from({ length: secondsPerRow }, () => row[column] ?? 0),
    );
    distinct.set(watts.join(), Float64Array.from(watts));
  }
  const nodes = [...distinct.values()];
  const secondCount = nodes[0]?.length ?? 0;
  const sums = Array.from({ length: secondCount }, (_, second) =>
    nodes.reduce((sum, node) => sum + (node[second] ?? 0), 0),
  );
  return {
    nodes,
    secondCount,
    peakWatts: Math.max(...nodes.map((node) => Math.max(...node))),
    ownPeaksWatts: nodes.reduce((sum, node) => sum + Math.max(...node), 0) / nodes.length,
    coincidentWatts: Math.max(...sums) / nodes.length,
    meanWatts: sums.reduce((sum, watts) => sum + watts, 0) / secondCount / nodes.length,
  };
}
