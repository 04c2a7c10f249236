import { milliseconds } from "@ertis/quantities";
import fc from "fast-check";
import { expect, it } from "vitest";
import { bindingDomain } from "../power/ledger.ts";
import { known } from "../state/assert.ts";
import { Hub, hourMs, smallHub, startMs } from "../testing/test-hub.ts";
import { HoldingDomains } from "./holding-domains.ts";

const anyGang = fc.record({
  nodeCount: fc.integer({ min: 1, max: 3 }),
  gpusPerNode: fc.constantFrom(1, 4, 8),
  hours: fc.integer({ min: 1, max: 8 }),
});

it("passes over no node that has room, also where starts are promised", () => {
  const seen = { full: 0, room: 0, promised: 0 };
  fc.assert(
    fc.property(
      fc.array(anyGang, { maxLength: 10 }),
      anyGang,
      fc.integer({ min: 28, max: 60 }),
      fc.integer({ min: 20, max: 60 }),
      (running, asked, hallLimitKw, eveningKw) => {
        const hub = new Hub(smallHub(hallLimitKw));
        hub.budget("evening", "hub", eveningKw * 1_000, [startMs + 2 * hourMs]);
        for (const { hours, ...size } of running) {
          hub.run({ ...size, walltime: milliseconds(hours * hourMs), flexibilityTier: 25 });
        }
        const site = known(hub.state.sites.get("hub"), "site");
        const pool = known(site.pools[0], "pool");
        seen.promised += pool.reservations.length;
        const walltimeMs = asked.hours * hourMs;
        const gang = { ...asked, walltimeMs, capWatts: 0, floorCapWatts: 0 };
        const untilMs = hub.nowMs + walltimeMs;
        const ledger = site.horizons;
        const holding = new HoldingDomains(pool, gang, { ledger, untilMs });
        const met = ledger.filter(({ atMs }) => atMs < untilMs);
        for (let node = 0; node < site.nodeFlags.length; node += 1) {
          const areFree = (site.gpusHeld[node] ?? 0) + gang.gpusPerNode <= 8;
          const hasRoom = areFree && bindingDomain(site, met, node, gang) === -1;
          const isFull = !holding.mayHoldOn(node);
          expect(isFull && hasRoom).toBe(false);
          seen.full += isFull ? 1 : 0;
          seen.room += hasRoom ? 1 : 0;
        }
      },
    ),
    { numRuns: 100 },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
});
