import type { Checker } from "../checker.ts";
import { overloadedSupplies } from "../supplies.ts";

/** Bounds in force and fixed loads never exceed what survives any single failure, at any domain. */
export function limitChecker(): Checker {
  return {
    property: "limit",
    after(_event, { world, report }) {
      for (const book of world.sites.values()) {
        for (const domain of book.grown) {
          const load = book.ledger.load(domain);
          const usable = book.tree.usable[domain] ?? 0n;
          if (load > usable) {
            const scale = book.tree.scale[domain] ?? 1n;
            report(
              `${book.ledger.loadWatts(domain)} W in force, ${usable / scale} W survive a single failure`,
              book.site.domains[domain]?.id,
            );
          }
          for (const one of overloadedSupplies(book, domain)) {
            report(
              `supply ${one.supply} carries ${one.carriesWatts} W when ${one.failed} fails, of ${one.usableWatts} W`,
              book.site.domains[domain]?.id,
            );
          }
        }
      }
    },
  };
}
