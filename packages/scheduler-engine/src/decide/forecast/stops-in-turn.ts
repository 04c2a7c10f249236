import { nextStepAtMs, type RampLedger, recordStep } from "@ertis/power-planning";
import { stopGraceMs } from "../../limits.ts";
import { type ComingSteps, ledgerWith, type RampSteps } from "../../power/ramp/ramp-room.ts";
import type { SiteRamps } from "../../state/ramps.ts";

/** By domain with a ramp, what has fallen and what will. */
export type LedgersAhead = ReadonlyMap<number, RampLedger>;

/** Copies, with what comes. */
export function ledgersAhead(ramps: SiteRamps, coming: readonly ComingSteps[]): LedgersAhead {
  const ledgers = new Map<number, RampLedger>();
  for (const domain of ramps.domains) {
    const ledger = ledgerWith(ramps, domain, coming);
    if (ledger !== undefined) {
      ledgers.set(domain, { limit: ledger.limit, steps: [...ledger.steps] });
    }
  }
  return ledgers;
}

interface Fall {
  readonly steps: RampSteps;
  /** Those of them for which it waits. */
  readonly asked: RampSteps;
}

interface Due {
  readonly dueMs: number;
  /** It falls at any moment of its checkpoint. */
  readonly saveMs: number;
}

/** When ramps allow a stop that is due beside those before it, written down for those behind it. */
export function stopInTurn(
  ledgers: LedgersAhead,
  { steps, asked }: Fall,
  { dueMs, saveMs }: Due,
): number {
  let stopMs = dueMs;
  for (const [domain, watts] of asked) {
    const ledger = ledgers.get(domain);
    const allowedMs = ledger && nextStepAtMs(ledger, { watts, settleMs: stopGraceMs }, dueMs);
    stopMs = Math.max(stopMs, allowedMs ?? dueMs);
  }
  for (const [domain, watts] of steps) {
    const ledger = ledgers.get(domain);
    if (ledger !== undefined) {
      recordStep(ledger, { atMs: stopMs, watts, settleMs: saveMs, cause: "planned" });
    }
  }
  return stopMs;
}
