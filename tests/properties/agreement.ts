import { toNumber } from "@ertis/quantities";
import type { EngineState } from "@ertis/scheduler-engine";
import type { World } from "../oracle/index.ts";

/** Where the engine's state and the oracle's world differ, in jobs, GPUs and watts. */
export function disagreements(state: EngineState, world: World): readonly string[] {
  const found: string[] = [];
  for (const record of world.jobs.values()) {
    const job = state.jobs.get(record.number);
    if (job === undefined) {
      if (record.finishedAtMs === undefined) {
        found.push(`job ${record.number} is lost`);
      }
      continue;
    }
    for (const field of [
      "isHeld",
      "isCancelled",
      "isReady",
      "runningCount",
      "succeededCount",
      "failedCount",
      "cancelledCount",
      "finishedAtMs",
    ] as const) {
      if (job[field] !== record[field]) {
        found.push(
          `job ${record.number} ${field}: ${String(job[field])}, ${String(record[field])}`,
        );
      }
    }
  }
  if (state.requestIds.count !== world.requests.size) {
    found.push(`request ids: ${state.requestIds.count}, ${world.requests.size}`);
  }
  for (const [id, site] of state.sites) {
    const book = world.sites.get(id);
    book?.nodes.forEach((node, index) => {
      let mask = 0;
      for (const one of node.holds.values()) {
        mask |= one;
      }
      if (site.gpuMaskHeld[index] !== mask) {
        found.push(`node ${index} of ${id} holds ${site.gpuMaskHeld[index]}, ${mask}`);
      }
    });
    site.site.domains.forEach((domain, index) => {
      const engineLoad = BigInt(site.horizons[0]?.load[index] ?? -1);
      const scale = book?.tree.scale[index] ?? 0n;
      if (engineLoad * scale !== (book?.ledger.load(index) ?? 0n) * BigInt(domain.loadScale)) {
        const kept = Number(engineLoad) / domain.loadScale;
        found.push(`${domain.id} carries ${kept} W, ${book?.ledger.loadWatts(index)} W`);
      }
      const usable = (book?.tree.usable[index] ?? 0n) / (scale === 0n ? 1n : scale);
      if (BigInt(toNumber(domain.usableWatts)) !== usable) {
        found.push(`${domain.id} may carry ${domain.usableWatts} W, ${usable} W`);
      }
    });
  }
  return found;
}
