import { readDataFile } from "../data-file.ts";

/** How a gang's draw rises after its start: second by second, 0 idle, 1 full; full after the last. */
export interface StartShape {
  readonly shares: readonly number[];
  readonly source: string;
}

const path = "mlperf/h100_lora_64nodes_watts.csv";
const sha256 = "20f6e2678aa65d147622ff47994445e9b3b08bf7f6d8a014daf2bd39215214f7";

/** The trace is idle up to here and at work from there on, in seconds. */
const fromSecond = 10;
const untilSecond = 26;

/** Where the trace is absent: 17 s from idle to full, most of it in 6 s (MLPerf Training v4.0, the same run). */
const builtIn: StartShape = {
  shares: [0, 0, 0, 0, 0.05, 0.15, 0.15, 0.15, 0.35, 0.75, 0.87, 0.93, 0.95, 0.98, 0.99, 1],
  source: "built-in shape",
};

/** The start of a 64-node fine-tuning job on H100, all nodes together. */
export function loadStartShape(): StartShape {
  const file = readDataFile(path, sha256);
  if (file.kind === "absent") {
    return { ...builtIn, source: `SKIPPED ${path}: ${file.message}; ${builtIn.source}` };
  }
  const totals = file.text
    .trim()
    .split(/\r?\n/u)
    .slice(1)
    .map((line) =>
      line
        .split(",")
        .slice(1)
        .reduce((sum, watts) => sum + Number(watts), 0),
    );
  const rise = totals.slice(fromSecond, untilSecond);
  const idle = Math.min(...rise);
  const full = Math.max(...rise);
  let highest = 0;
  // Monotone: what the plan is told is by when the draw is there, not each wobble on the way.
  const shares = rise.map((watts) => (highest = Math.max(highest, (watts - idle) / (full - idle))));
  return { shares, source: `${path}, seconds ${fromSecond} to ${untilSecond}` };
}
