import { mostPower, toNumber, type Watts, watts } from "@ertis/quantities";
import { floorRatio, type Ratio, ratio } from "./ratio.ts";
import type { Redundancy } from "./site.ts";

function sum(supplies: readonly Watts[]): bigint {
  return supplies.reduce((total, supply) => total + BigInt(toNumber(supply)), 0n);
}

/** Why these supplies cannot be redundant in this way; undefined when they can. */
export function redundancyMistake(
  supplies: readonly Watts[],
  redundancy: Redundancy,
  hasNames: boolean = false,
): string | undefined {
  if (redundancy === "distributed" && !(hasNames && supplies.length >= 2)) {
    return "distributed redundancy needs at least two supplies with names: write for example supplies: {ups-a: 1 MW, ups-b: 1 MW}";
  }
  if (redundancy !== "distributed" && hasNames) {
    return `named supplies with redundancy: ${redundancy}: names are for redundancy: distributed, write for example supplies: 3 × 25 MW`;
  }
  const found = `${redundancy} with ${supplies.length === 1 ? "one supply" : `${supplies.length} supplies`}`;
  if (redundancy === "N+1" && supplies.length < 2) {
    return `${found}: one must be able to fail, so write at least two, for example supplies: 3 × 25 MW, or redundancy: none`;
  }
  if (redundancy === "2N" && supplies.length % 2 !== 0) {
    return `${found}: the first half is side A and the second side B, so write an even number, for example supplies: 2 × 40 MW, or redundancy: none`;
  }
  return undefined;
}

/** What is left after the worst single failure, before derating. */
function survivingWatts(supplies: readonly Watts[], redundancy: Redundancy): bigint {
  const total = sum(supplies);
  switch (redundancy) {
    case "none":
      return total;
    case "N+1":
    // What hung on the failed supply moves to others, so these must carry the whole between them;
    // which of them carries what is in the transfer sums.
    case "distributed": {
      const largest = supplies.reduce((most, supply) => Math.max(most, toNumber(supply)), 0);
      return total - BigInt(largest);
    }
    case "2N": {
      const sideA = sum(supplies.slice(0, supplies.length / 2));
      const sideB = total - sideA;
      return sideA < sideB ? sideA : sideB;
    }
  }
}

/**
 * The static limit that redundancy and derating reduce to. Without redundancy a failure loses the
 * domain itself, and all supplies count; N+1 and distributed lose the largest supply; 2N loses the
 * stronger side.
 * Rounded once, down.
 */
export function usableWatts(
  supplies: readonly Watts[],
  redundancy: Redundancy,
  derating: Ratio,
): Watts {
  const { numerator, denominator } = derating;
  const surviving = survivingWatts(supplies, redundancy);
  return watts(Number(floorRatio(ratio(surviving * numerator, denominator))));
}

/** The plain sum, which is exact or has been refused. */
export function nameplateWatts(supplies: readonly Watts[]): Watts | undefined {
  const total = sum(supplies);
  return total > BigInt(toNumber(mostPower)) ? undefined : watts(Number(total));
}
