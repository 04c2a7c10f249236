import type { PowerDomain } from "@ertis/api";
import { showWatts } from "../output/format.ts";

/**
 * The supply of a domain that comes nearest to its limit, after the failure that is worst for it; nothing
 * where supplies do not share their spare capacity.
 */
export function toSupplyNote({
  supplies,
}: Pick<PowerDomain, "supplies">): readonly (readonly [tone: "dim" | "warn", text: string])[] {
  const [fullest] = supplies.toSorted((a, b) => share(b) - share(a));
  if (fullest === undefined) {
    return [];
  }
  const { name, usableWatts, boundWatts, failedName } = fullest;
  const after = failedName === "" ? "" : ` after a failure of ${failedName}`;
  const text = `fullest supply: ${name}, ${showWatts(boundWatts)} of ${showWatts(usableWatts)}${after}`;
  return [[share(fullest) > 0.9 ? "warn" : "dim", text]];
}

function share({ usableWatts, boundWatts }: PowerDomain["supplies"][number]): number {
  return boundWatts / Math.max(1, usableWatts);
}
