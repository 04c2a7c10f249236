import { Engine, type JobSpec, type PriorityClass } from "@ertis/scheduler-engine";
import { instant, milliseconds } from "@ertis/quantities";
import { plainSpecWith } from "../../../plain-spec.ts";

export const startMs = 1_800_000_000_000;
export const nodeCount = 10_000;
export const idleWatts = 2_100;
export const highestCapWatts = 700;

const classes = ["inference", "resnet50", "bert", "retinanet"] as const;
const sizes = [1, 1, 1, 2, 4, 8, 16, 32, 64];
const priorities: readonly PriorityClass[] = ["low", "normal", "normal", "high"];

/** Whose tiers: all flexible, or drawn as everywhere else, 10/30/40/20 %. */
export type Tiers = "flexible" | "drawn";

/** 10,000 nodes of 8 H100 with the measured peak of the traces, full of gangs of 1 to 64 nodes. */
export function startFleet(peakWatts: number, tiers: Tiers, random: () => number): Engine {
  const engine = new Engine();
  const at = instant(startMs);
  const text = siteText(peakWatts);
  engine.execute({ kind: "register-site", at, site: "hub", file: "hub.yaml", text, phases: "all" });
  for (let used = 0; used < nodeCount;) {
    const size = Math.min(nodeCount - used, pick(sizes, random));
    submit(engine, spec(size, tiers, random));
    used += size;
  }
  while (engine.needsPass) {
    engine.execute({ kind: "place", at });
  }
  return engine;
}

let requests = 0;

function submit(engine: Engine, jobSpec: JobSpec): void {
  requests += 1;
  const requestId = `00000000-0000-4000-8000-${String(requests).padStart(12, "0")}`;
  const items = [{ requestId, bodyHash: 1, spec: jobSpec }];
  const at = instant(startMs);
  const { reply } = engine.execute({ kind: "submit-jobs", at, owner: "aida", items });
  if (reply.kind !== "submitted" || reply.results[0]?.kind !== "accepted") {
    throw new Error(`a job of the fleet was refused: ${JSON.stringify(reply)}`);
  }
}

function spec(size: number, tiers: Tiers, random: () => number): JobSpec {
  const walltime = milliseconds(48 * 3_600_000);
  const roll = random();
  const drawn = roll < 0.1 ? 0 : roll < 0.4 ? 10 : roll < 0.8 ? 25 : 50;
  return plainSpecWith({
    name: "gang",
    project: "p1",
    nodeCount: size,
    gpuModel: "H100-SXM",
    walltime,
    flexibilityTier: tiers === "drawn" ? drawn : 50,
    workloadClass: pick(classes, random),
    checkpoint: { save: milliseconds(120_000), restore: milliseconds(180_000) },
    priorityClass: pick(priorities, random),
    preemptible: true,
  });
}

function pick<Value>(values: readonly Value[], random: () => number): Value {
  const found = values[Math.floor(random() * values.length)];
  if (found === undefined) {
    throw new Error("nothing to pick from");
  }
  return found;
}

/** Ten halls of 25 rows of ten racks of four nodes; nothing but the feed can ever bind. */
function siteText(peakWatts: number): string {
  const halls = Array.from(
    { length: 10 },
    (_, hall) =>
      `        - {name: hall-${hall + 1}, phase: first, limit: 20 MW, rows: 25 × row-a, source: assumption}`,
  );
  return `site: hub
title: Ten thousand nodes
nodeClasses:
  h100-8:
    gpuModel: H100-SXM
    gpuCount: 8
    idle: ${idleWatts} W
    peak: ${peakWatts} W
    partUse: share
    gpuCap: 350 W..${highestCapWatts} W
    source: assumption
phases:
  - {name: first, built: true}
templates:
  rack-a:
    kind: rack
    limit: 40 kW
    nodes: 4 × h100-8
    source: assumption
  row-a:
    kind: row
    limit: 400 kW
    racks: 10 × rack-a
    source: assumption
feed:
  limit: 200 MW
  source: assumption
  substations:
    - name: sub-1
      limit: 200 MW
      fixed: 1 kW
      source: assumption
      halls:
${halls.join("\n")}
`;
}
