import { energyOf, milliseconds, millijoules, noEnergy, toMillijoules } from "@ertis/quantities";
import type { Attempt } from "../state/job.ts";
import type { EncodedPlacement } from "./placement-codec.ts";

/** Up to when, and how much: millijoules, decimal, since a bigint is no JSON. */
export type EncodedCharge = readonly [toMs: number, millijoules: string];

type Charge = Pick<Attempt, "energyReserved" | "chargedToMs">;

interface Ended extends Pick<Attempt, "startedAtMs" | "heldNodes"> {
  readonly exitedAtMs?: number | undefined;
  readonly placement: EncodedPlacement;
}

/** What an attempt was charged so far, where that does not follow from the rest of it. */
export function encodeCharge(attempt: Attempt): { readonly charged?: EncodedCharge } {
  const { chargedToMs, energyReserved } = attempt;
  const plain = plainCharge(attempt);
  return chargedToMs === plain.chargedToMs && energyReserved === plain.energyReserved
    ? {}
    : { charged: [chargedToMs, toMillijoules(energyReserved).toString()] };
}

export function decodeCharge(encoded: Ended & { readonly charged?: EncodedCharge }): Charge {
  if (encoded.charged === undefined) {
    return plainCharge(encoded);
  }
  const [chargedToMs, energy] = encoded.charged;
  return { chargedToMs, energyReserved: millijoules(BigInt(energy)) };
}

/** Most attempts hold what they started with, and let go of it when they end. */
function plainCharge({ startedAtMs, exitedAtMs, heldNodes, placement }: Ended): Charge {
  if (exitedAtMs === undefined || heldNodes.length > 0) {
    return { chargedToMs: startedAtMs, energyReserved: noEnergy };
  }
  const forMs = milliseconds(exitedAtMs - startedAtMs);
  return { chargedToMs: exitedAtMs, energyReserved: energyOf(placement.powerReserved, forMs) };
}
