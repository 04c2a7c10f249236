import { FullSite } from "./full-site.ts";

const fullShare = 0.95;
const queuedCount = 100_000;
const warmUp = 300;

/** What one decision did, in ms of processor time as the wall saw it. */
interface Sample {
  readonly kind: string;
  readonly ms: number;
}

/**
 * Command taken → events ready, on the over-built hub: 23,500 nodes, 95 % of the feed's watts in
 * force, 100,000 jobs queued in about 1,000 shapes. Mix: 60 % an attempt ends, 25 % one job is
 * submitted, 5 % a batch of 1,000 is submitted, 5 % a cancel, 5 % time passes. Each is followed by
 * its placement pass, as in the writer loop.
 */
function benchmarkDecisions(seed: number, count: number): readonly Sample[] {
  const site = new FullSite(seed);
  site.fillUp({ share: fullShare, queuedCount });
  const { engine, random } = site;
  console.log(
    `  ${(site.fullness() * 100).toFixed(1)} % of the feed in force, ${site.running.length} attempts run, ` +
      `${engine.state.jobs.count - site.running.length} jobs queued in ${engine.state.queue.shapeCount} shapes`,
  );
  const samples: Sample[] = [];
  for (let done = 0; done < count + warmUp; done += 1) {
    site.nowMs += 1_000;
    const kind = drawKind(random(100));
    const command = prepare(site, kind);
    const started = performance.now();
    command();
    const next = engine.nextTickAtMs();
    if (next !== undefined && next <= site.nowMs) {
      site.run({ kind: "tick" });
    }
    for (let pass = 0; pass < 4 && engine.needsPass; pass += 1) {
      site.run({ kind: "place" });
    }
    if (done >= warmUp) {
      samples.push({ kind, ms: performance.now() - started });
    }
  }
  return samples;
}

function drawKind(percent: number): string {
  if (percent < 60) {
    return "end";
  }
  if (percent < 85) {
    return "submit one";
  }
  if (percent < 90) {
    return "submit 1,000";
  }
  return percent < 95 ? "cancel" : "tick";
}

function prepare(site: FullSite, kind: string): () => void {
  switch (kind) {
    case "end": {
      const attempt = site.takeRunning();
      if (attempt === undefined) {
        return () => {};
      }
      return () => {
        site.run({
          kind: "report",
          site: "pavlodar-hub-overbuilt",
          observations: [
            { kind: "attempt-exited", attempt, outcome: { kind: "succeeded" } },
            { kind: "stop-confirmed", attempt, nodes: [] },
          ],
        });
      };
    }
    case "cancel": {
      const job = 1 + site.random(site.engine.state.nextJob - 1);
      return () => {
        site.run({
          kind: "cancel-jobs",
          by: { person: "operator", mayActForOthers: true },
          jobs: [job],
          reason: "benchmark",
        });
      };
    }
    case "tick":
      return () => {
        site.run({ kind: "tick" });
      };
    default: {
      const items = Array.from({ length: kind === "submit one" ? 1 : 1_000 }, () =>
        site.item(site.queuedShape()),
      );
      return () => {
        site.run({ kind: "submit-jobs", owner: "researcher", items });
      };
    }
  }
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

if (import.meta.main) {
  const samples = benchmarkDecisions(1, 2_000);
  for (const kind of ["end", "submit one", "submit 1,000", "cancel", "tick", ""]) {
    const ms = samples
      .filter((sample) => kind === "" || sample.kind === kind)
      .map((sample) => sample.ms)
      .toSorted((a, b) => a - b);
    console.log(
      `  ${(kind || "all").padEnd(14)} ${String(ms.length).padStart(6)} ` +
        `p50 ${percentile(ms, 0.5).toFixed(2)} ms  p99 ${percentile(ms, 0.99).toFixed(2)} ms  max ${ms.at(-1)?.toFixed(2)} ms`,
    );
  }
}
