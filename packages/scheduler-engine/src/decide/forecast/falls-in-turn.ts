import { nextStepAtMs, recordStep } from "@ertis/power-planning";
import { acknowledgeMs } from "../../limits.ts";
import type { RampSteps } from "../../power/ramp/ramp-room.ts";
import { known } from "../../state/assert.ts";
import type { LedgersAhead } from "./stops-in-turn.ts";

/** Caps that fall at the limit are told in so many steps a window, or what its watts are counted per, if that is longer. */
const piecesPerWindow = 6;

/** As long as ramps take for all of it. */
export function fallMsOf(ledgers: LedgersAhead, falls: RampSteps): number {
  let longestMs = 0;
  for (const [domain, scaled] of falls) {
    const limit = ledgers.get(domain)?.limit;
    if (limit !== undefined) {
      longestMs = Math.max(longestMs, Math.ceil((Math.abs(scaled) / limit.watts) * limit.perMs));
    }
  }
  return longestMs;
}

/** When caps are down that fall at the limit once those before them leave room, written down for those behind them. */
export function fallInTurn(ledgers: LedgersAhead, falls: RampSteps, fromMs: number): number {
  const fallMs = fallMsOf(ledgers, falls);
  if (fallMs === 0) {
    return fromMs;
  }
  const count = pieceCountOf(ledgers, falls, fallMs);
  let beginMs = fromMs;
  for (const [domain, scaled] of falls) {
    const ledger = known(ledgers.get(domain), "ledger of a domain with a ramp");
    const piece = { watts: scaled / count, settleMs: acknowledgeMs };
    beginMs = Math.max(beginMs, nextStepAtMs(ledger, piece, fromMs) ?? fromMs);
  }
  for (const [domain, scaled] of falls) {
    const ledger = known(ledgers.get(domain), "ledger of a domain with a ramp");
    for (let at = 0; at < count; at += 1) {
      const atMs = beginMs + Math.round((at / count) * fallMs);
      const piece = { atMs, watts: scaled / count, settleMs: acknowledgeMs };
      recordStep(ledger, { ...piece, cause: "planned" });
    }
  }
  return beginMs + fallMs;
}

/** So many that no piece is more than its ramp allows at once. */
function pieceCountOf(ledgers: LedgersAhead, falls: RampSteps, fallMs: number): number {
  let pieceMs = Infinity;
  for (const domain of falls.keys()) {
    const { perMs = Infinity, windowMs = Infinity } = ledgers.get(domain)?.limit ?? {};
    pieceMs = Math.min(pieceMs, Math.max(perMs, windowMs) / piecesPerWindow);
  }
  return Math.max(1, Math.ceil(fallMs / pieceMs));
}
