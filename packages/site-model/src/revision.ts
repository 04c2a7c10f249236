import { toNumber } from "@ertis/quantities";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Site } from "./site.ts";

/** Written into every revision: a change of the rules below is a change of all revisions. */
const form = "ertis-site-1";
const minuteMs = 60_000;

/**
 * SHA-256 over what a site file means: everything in `Site` but line numbers and what follows from
 * the rest. Comments, order of keys, templates and spelling (`1 MW`, `1000 kW`) do not count. What a
 * file need not say adds nothing, so that older files keep their revision.
 */
export function revisionOf(site: Omit<Site, "revision">): string {
  const hash = sha256.create();
  const add = (values: readonly unknown[]): void => {
    hash.update(utf8ToBytes(`${JSON.stringify(values)}\n`));
  };
  add([form, site.id, site.title, site.phases]);
  for (const nodeClass of site.nodeClasses) {
    const { name, gpuModel, gpuCount, idleWatts, peakWatts, partUse } = nodeClass;
    add(["class", name, gpuModel, gpuCount, idleWatts, peakWatts, partUse]);
    if (nodeClass.gpuCap !== undefined) {
      add(["cap", nodeClass.gpuCap.lowestWatts, nodeClass.gpuCap.highestWatts]);
    }
  }
  for (const { gpuModel, workloadClass, points } of site.curves) {
    const figures = points.map(({ capWatts, speed, drawWatts }) => [capWatts, speed, drawWatts]);
    add(["curve", gpuModel, workloadClass, figures]);
  }
  for (const { name, domain, ceilingWatts, fromMs, untilMs, recurring, reason } of site.budgets) {
    add(["budget", name, domain, ceilingWatts, fromMs, untilMs ?? null, recurring ?? null, reason]);
  }
  for (const domain of site.domains) {
    const { id, kind, usableWatts, redundancy, supplyWatts, fixedWatts, loadFactor } = domain;
    const factor = [loadFactor.numerator, loadFactor.denominator];
    const supplies = supplyWatts.map(toNumber);
    add(["domain", id, kind, usableWatts, redundancy, supplies, fixedWatts, factor]);
    if (domain.supplyNames !== undefined) {
      add(["supplies", ...domain.supplyNames]);
    }
    if (domain.fedBy !== undefined) {
      add(["fed-by", domain.fedBy.primary, domain.fedBy.reserve]);
    }
    if (domain.ramp !== undefined) {
      const { watts, perMs, windowMs } = domain.ramp;
      add(["ramp", watts, windowMs, ...(perMs === minuteMs ? [] : [perMs])]);
    }
  }
  for (const { id, classIndex } of site.nodes) {
    add(["node", id, classIndex]);
  }
  for (const level of site.fabric) {
    add(["fabric", level.name]);
    for (const { name, nodes } of level.domains) {
      add(["fabric-domain", name, ...nodes]);
    }
  }
  return bytesToHex(hash.digest());
}
