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
  const pieces = piecesOf(ledgers, falls, fallMs);
  const beginMs = roomFromMs(ledgers, pieces.each, fromMs);
  for (let at = 0; at < pieces.count; at += 1) {
    writeDown(ledgers, pieces.each, beginMs + Math.round((at / pieces.count) * fallMs));
  }
  return beginMs + fallMs;
}

/** When caps are down that fall in what all the others leave of the limit. */
export function fallBeside(ledgers: LedgersAhead, falls: RampSteps, fromMs: number): number {
  const pieces = piecesOf(ledgers, falls, fallMsOf(ledgers, falls));
  let atMs = fromMs;
  for (let at = 0; at < pieces.count; at += 1) {
    atMs = roomFromMs(ledgers, pieces.each, atMs);
    writeDown(ledgers, pieces.each, atMs);
  }
  return atMs;
}

interface Pieces {
  readonly count: number;
  readonly each: RampSteps;
}

function piecesOf(ledgers: LedgersAhead, falls: RampSteps, fallMs: number): Pieces {
  const count = pieceCountOf(ledgers, falls, fallMs);
  return { count, each: new Map([...falls].map(([domain, scaled]) => [domain, scaled / count])) };
}

function roomFromMs(ledgers: LedgersAhead, piece: RampSteps, fromMs: number): number {
  let atMs = fromMs;
  for (const [domain, watts] of piece) {
    const ledger = known(ledgers.get(domain), "ledger of a domain with a ramp");
    const step = { watts, settleMs: acknowledgeMs };
    atMs = Math.max(atMs, nextStepAtMs(ledger, step, fromMs) ?? fromMs);
  }
  return atMs;
}

function writeDown(ledgers: LedgersAhead, piece: RampSteps, atMs: number): void {
  for (const [domain, watts] of piece) {
    const ledger = known(ledgers.get(domain), "ledger of a domain with a ramp");
    recordStep(ledger, { atMs, watts, settleMs: acknowledgeMs, cause: "planned" });
  }
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
