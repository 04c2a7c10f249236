import { openSqliteEventLog } from "@ertis/event-log";
import { instant } from "@ertis/quantities";
import { type Command, encodeEntry } from "@ertis/scheduler-engine";
import { writeSnapshotOf } from "@ertis/scheduler-runtime";

import { FullSite } from "../decision/full-site.ts";

type WithoutAt<C> = C extends unknown ? Omit<C, "at"> : never;

/** Jobs that run at once while the history is made. */
const atOnce = 1_000;

/**
 * Writes the log of `jobCount` jobs with four events each: submitted in batches of 1,000, then
 * started, exited and released, each start and each end a row of its own. A snapshot of all of it is
 * made when asked for.
 */
export async function writeHistory(
  directory: string,
  jobCount: number,
  hasSnapshot: boolean,
): Promise<{ readonly rows: number; readonly megabytes: number }> {
  const log = await openSqliteEventLog({ directory });
  const site = new FullSite(1);
  const { engine } = site;
  let sequence = 0;
  let characters = 0;
  let payloads: string[] = [];
  const flush = async (): Promise<void> => {
    const result = await log.append(payloads, sequence);
    sequence = result.kind === "appended" ? result.sequence : sequence;
    payloads = [];
  };
  const run = (command: WithoutAt<Command>): void => {
    const { entry } = engine.execute({ ...command, at: instant(site.nowMs) });
    for (const event of entry.events) {
      if (event.kind === "attempt-started") {
        site.running.push(event.attempt);
      }
    }
    // A pass that starts many is written as many, the way a trickle of jobs would have it.
    for (const event of entry.events) {
      const payload = encodeEntry({ ...entry, events: [event] });
      characters += payload.length;
      payloads.push(payload);
    }
  };
  const first = encodeEntry({
    at: instant(site.nowMs),
    command: { ...site.registration, at: instant(site.nowMs) },
    events: [
      {
        kind: "site-registered",
        registration: site.registration,
        revision: engine.state.sites.get(site.registration.site)?.site.revision ?? "",
      },
    ],
  });
  payloads.push(first);
  for (let done = 0; done < jobCount; done += atOnce) {
    site.nowMs += 1_000;
    const items = Array.from({ length: atOnce }, () => site.item({ gpusPerNode: 1 }));
    run({ kind: "submit-jobs", owner: "researcher", items });
    while (engine.needsPass) {
      run({ kind: "place" });
    }
    for (const attempt of site.running.splice(0)) {
      run({
        kind: "report",
        site: site.registration.site,
        observations: [
          { kind: "attempt-exited", attempt, outcome: { kind: "succeeded" } },
          { kind: "stop-confirmed", attempt, nodes: [] },
        ],
      });
    }
    await flush();
  }
  if (hasSnapshot) {
    await writeSnapshotOf(log, engine.limits);
  }
  await log.close();
  return { rows: sequence, megabytes: characters / 1e6 };
}
