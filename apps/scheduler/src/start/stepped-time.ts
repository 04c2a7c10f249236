import {
  createSteppedClock,
  type InProcessExecutor,
  type SteppedClock,
} from "@ertis/executor-simulated";
import { instant, toNumber } from "@ertis/quantities";
import { decodeEntry, SnapshotReader } from "@ertis/scheduler-engine";
import type { EventLog, Scheduler } from "@ertis/scheduler-runtime";

/** Who has to be quiet before time goes on; known only after the clock is made. */
export interface Parties {
  scheduler: Scheduler | undefined;
  executors: readonly InProcessExecutor[];
}

/**
 * A virtual clock that goes on where the log ends: time stands still while the server is down.
 *
 * @param startMs where it begins without a history, ms since 1970
 */
export async function openSteppedClock(
  log: EventLog,
  startMs: number,
  parties: Parties,
): Promise<SteppedClock> {
  const lastMs = await lastMomentMs(log);
  return createSteppedClock({
    startAt: instant(Math.max(lastMs, startMs)),
    settle: () => settle(parties),
  });
}

async function settle({ scheduler, executors }: Parties): Promise<void> {
  for (;;) {
    await scheduler?.quiet();
    const busy = executors.find((executor) => !executor.isQuiet());
    if (busy === undefined) {
      return;
    }
    await busy.whenQuiet();
  }
}

/** The moment of the last row; of the snapshot, where every row was let go; 0 without a history. */
async function lastMomentMs(log: EventLog): Promise<number> {
  const { first, last } = await log.range();
  if (last >= first && last > 0) {
    for await (const row of log.read(last - 1)) {
      return toNumber(decodeEntry(row.payload).at);
    }
  }
  const snapshot = await log.latestSnapshot();
  if (snapshot === undefined) {
    return 0;
  }
  const reader = new SnapshotReader();
  for await (const chunk of snapshot.chunks()) {
    reader.add(chunk);
  }
  return reader.finish().nowMs;
}
