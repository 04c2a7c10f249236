import { smallHub } from "./test-hub.ts";

/** The second hall has GPUs of another model. */
export function mixedHub(): string {
  return smallHub()
    .replace(
      "phases:",
      `  a100-8:
    gpuModel: A100
    gpuCount: 8
    idle: 2 kW
    peak: 10 kW
    partUse: share
    source: assumption
phases:`,
    )
    .replace(
      "feed:",
      `  rack-b:
    kind: rack
    limit: 50 kW
    nodes: 2 × a100-8
    source: assumption
  row-b:
    kind: row
    limit: 100 kW
    racks: 2 × rack-b
    source: assumption
feed:`,
    )
    .replace(/(name: hall-2.*)row-a/, "$1row-b");
}
