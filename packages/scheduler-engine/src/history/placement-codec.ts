import type { Placement } from "../words/attempt.ts";

/** Without the cap where there is none, as most are, and as rows of before caps are. */
export type EncodedPlacement = Omit<Placement, "capWatts"> & { readonly capWatts?: number };

export function encodePlacement(placement: Placement): EncodedPlacement {
  const { capWatts, ...rest } = placement;
  return capWatts === 0 ? rest : placement;
}

export function decodePlacement(encoded: EncodedPlacement): Placement {
  return { ...encoded, capWatts: encoded.capWatts ?? 0 };
}
