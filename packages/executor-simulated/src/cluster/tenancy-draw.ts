import { toNumber } from "@ertis/quantities";
import type { NodeClass } from "@ertis/site-model";
import type { Physics } from "./physics.ts";
import { mixWord } from "./random-stream.ts";
import type { Tenancy } from "./tenancy.ts";

export type DrawNoise = Pick<Physics, "noisePermille" | "noiseSlotMs">;

/** What a tenancy may draw above idle, watts. */
export interface Allowance {
  /** Without a cap: what it would draw is a part of that. */
  readonly ceilingWatts: number;
  /** Under its cap, which holds whatever it would draw. */
  readonly cappedWatts: number;
}

export function allowanceOf(
  nodeClass: NodeClass,
  tenancy: Tenancy,
  tenants: readonly Tenancy[],
): Allowance {
  const ceiling = ceilingWatts(nodeClass, tenancy, tenants);
  return {
    ceilingWatts: ceiling,
    cappedWatts: Math.max(0, ceiling - cutWatts(nodeClass, tenancy) - heldBackWatts(tenancy)),
  };
}

/**
 * Without a cap. Where the class does not enforce shares, whoever runs may take all of the node, so the
 * ceiling is split by the GPUs in use and not by those that exist.
 */
function ceilingWatts(
  { partUse, peakWatts, idleWatts, gpuCount }: NodeClass,
  tenancy: Tenancy,
  tenants: readonly Tenancy[],
): number {
  const headroomWatts = toNumber(peakWatts) - toNumber(idleWatts);
  let sharers = gpuCount;
  if (partUse === "peak") {
    sharers = 0;
    for (const other of tenants) {
      sharers += other.isDrawing ? other.gpuCount : 0;
    }
  }
  return Math.floor((headroomWatts * tenancy.gpuCount) / Math.max(sharers, tenancy.gpuCount));
}

/** A GPU that its cap holds back draws 3 to 5 % less than the cap; measured on A100. */
const heldBackPart = 0.04;

function heldBackWatts({ gpuCount, capWatts }: Tenancy): number {
  return Math.floor(gpuCount * capWatts * heldBackPart);
}

/** What the cap takes off the most that a tenancy may draw. */
function cutWatts({ gpuCap }: NodeClass, { gpuCount, capWatts }: Tenancy): number {
  return gpuCap === undefined || capWatts === 0
    ? 0
    : gpuCount * Math.max(0, toNumber(gpuCap.highestWatts) - capWatts);
}

/** What it draws above idle at a moment, of the watts it may. */
export function wattsAt(
  tenancy: Tenancy,
  allowed: Allowance,
  noise: DrawNoise,
  atMs: number,
): number {
  return wattsInSlot(tenancy, allowed, noise, Math.floor(atMs / noise.noiseSlotMs));
}

function wattsInSlot(
  { noiseLane, drawPermille }: Tenancy,
  { ceilingWatts: ceiling, cappedWatts }: Allowance,
  { noisePermille }: DrawNoise,
  slot: number,
): number {
  const spread = 2 * noisePermille + 1;
  const noise = (mixWord(noiseLane ^ mixWord(slot)) % spread) - noisePermille;
  const permille = Math.min(1000, Math.max(0, drawPermille + noise));
  return Math.min(cappedWatts, Math.floor((ceiling * permille) / 1000));
}

/**
 * What it used since it was last settled. Draw is constant in a slot, so the integral is a sum of whole
 * numbers, exact below 2^53.
 */
export function millijoulesOf(
  tenancy: Tenancy,
  allowed: Allowance,
  noise: DrawNoise,
  nowMs: number,
): number {
  let millijoules = 0;
  for (let fromMs = tenancy.settledMs; fromMs < nowMs;) {
    const slot = Math.floor(fromMs / noise.noiseSlotMs);
    const untilMs = Math.min(nowMs, (slot + 1) * noise.noiseSlotMs);
    millijoules += wattsInSlot(tenancy, allowed, noise, slot) * (untilMs - fromMs);
    fromMs = untilMs;
  }
  return millijoules;
}
