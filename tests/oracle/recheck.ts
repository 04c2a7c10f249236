import { overloadedSupplies } from "./supplies.ts";
import type { Violation } from "./violation.ts";
import type { World } from "./world.ts";

/**
 * Computes from nothing what was kept up to date event by event, and compares: the pair check of the
 * oracle itself. Also looks at every domain's limit and at every task of every job once.
 */
export function recheck(world: World, entry: number): readonly Violation[] {
  const found: Violation[] = [];
  const report = (property: string, message: string, domain?: string): void => {
    found.push({
      property,
      entry,
      event: 0,
      eventKind: "recheck",
      atMs: world.nowMs,
      ...(domain === undefined ? {} : { domain }),
      message,
    });
  };
  for (const book of world.sites.values()) {
    const fresh = book.recompute(undefined);
    for (const { index, id } of book.site.domains) {
      if (fresh.load(index) !== book.ledger.load(index)) {
        report("oracle", `kept ${book.ledger.load(index)}, computed ${fresh.load(index)}`, id);
      }
      if (fresh.load(index) > (book.tree.usable[index] ?? 0n)) {
        report("limit", `${fresh.loadWatts(index)} W in force`, id);
      }
      for (const { supply, failed, carriesWatts } of overloadedSupplies(book, index)) {
        report("limit", `supply ${supply} carries ${carriesWatts} W when ${failed} fails`, id);
      }
    }
  }
  for (const job of world.jobs.values()) {
    const active = [...job.tasks.values()].filter((task) => task.state === "active").length;
    const ended = job.succeededCount + job.failedCount + job.cancelledCount;
    if (job.pendingCount + active + ended !== job.spec.taskCount) {
      report("life-cycle", `job ${job.number} lost a task`);
    }
  }
  return found;
}
