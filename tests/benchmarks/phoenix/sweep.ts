/** The cap sweep of the Phoenix field trial: 256 A100-SXM of 400 W, eight workloads, six caps. */
import { readDataFile } from "../data-file.ts";

export interface SweepPoint {
  readonly capWatts: number;
  readonly speed: number;
  /** Mean draw of one GPU. */
  readonly drawWatts: number;
}

/** Points by workload, caps rising. */
export type Sweep = ReadonlyMap<string, readonly SweepPoint[]>;

export type LoadedSweep =
  | { readonly kind: "sweep"; readonly sweep: Sweep }
  | { readonly kind: "absent"; readonly message: string };

const sha256 = "65025daeb2c723019c27d05ed7da900f5800b5b5b0f957ccb23e7903b4028bd7";

export function loadSweep(): LoadedSweep {
  const file = readDataFile("phoenix/dvfs_sweep.csv", sha256);
  return file.kind === "absent" ? file : { kind: "sweep", sweep: parseSweep(file.text) };
}

function parseSweep(text: string): Sweep {
  const sweep = new Map<string, SweepPoint[]>();
  // The checksum has settled the columns: workload, cap, throughput, watts of all GPUs, throughput ÷ that
  // at full power, watts a GPU.
  for (const line of text.trim().split(/\r?\n/u).slice(1)) {
    const [workload = "", cap, , , speed, draw] = line.split(",");
    const point = { capWatts: Number(cap), speed: Number(speed), drawWatts: Number(draw) };
    const points = sweep.get(workload) ?? [];
    points.push(point);
    sweep.set(workload, points);
  }
  for (const points of sweep.values()) {
    points.sort((a, b) => a.capWatts - b.capWatts);
  }
  return sweep;
}
