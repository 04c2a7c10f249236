import type { Benchmark, Line } from "../benchmark.ts";
import { loadSweep, type Sweep } from "./sweep.ts";

export const b1a: Benchmark = {
  name: "B1a",
  what: "the mix of the Phoenix field trial at one steady point, exact model",
  goal: "at 70.14 kW 99.5 % used and throughput 0.898; at 60 % 0.805",
  run: () => Promise.resolve(measure()),
};

function measure(): readonly Line[] {
  const loaded = loadSweep();
  if (loaded.kind === "absent") {
    return [{ name: "SKIPPED", text: [loaded.message], figures: { skipped: loaded.message } }];
  }
  return [sweepLine(loaded.sweep)];
}

function sweepLine(sweep: Sweep): Line {
  const text = [...sweep].map(([workload, points]) => {
    const cells = points.map(
      ({ capWatts, speed, drawWatts }) =>
        `${capWatts}: ${speed.toFixed(3)} (${drawWatts.toFixed(0)})`,
    );
    return `${workload.padEnd(20)} ${cells.join("  ")}`;
  });
  return { name: "cap: speed (watts)", text, figures: Object.fromEntries(sweep) };
}
