import { openSqliteEventLog } from "@ertis/event-log";
import { decodeEntry } from "@ertis/scheduler-engine";
import { createOracle, describeViolation, type DomainPeak, type Tally } from "../oracle/index.ts";
import { type JobFigures, figuresOf } from "./figures.ts";
import { createRunFacts } from "./run-facts.ts";

/** What the log of a run says, read from its files after the server has closed. */
export interface LogReport {
  readonly entryCount: number;
  readonly eventCount: number;
  readonly figures: JobFigures;
  /** Request ids of all jobs in the log. */
  readonly requestIds: ReadonlySet<string>;
  readonly peaks: readonly DomainPeak[];
  readonly violationCount: number;
  /** The first ones, as sentences. */
  readonly violations: readonly string[];
  readonly tally: Tally;
}

const violationsKeptMax = 20;
/** Computing everything anew costs far more than following the events. */
const recheckEvery = 20_000;

/**
 * Hands every row of the log to the independent oracle and to the figures.
 *
 * @throws whatever the log throws: locked by a server that still runs, corrupt, trimmed
 */
export async function readLog(directory: string): Promise<LogReport> {
  const log = await openSqliteEventLog({ directory });
  try {
    const oracle = createOracle({ recheckEvery });
    const facts = createRunFacts();
    const violations: string[] = [];
    let violationCount = 0;
    const note = (found: ReturnType<typeof oracle.observe>): void => {
      violationCount += found.length;
      for (const violation of found) {
        if (violations.length < violationsKeptMax) {
          violations.push(describeViolation(violation));
        }
      }
    };
    for await (const row of log.read(0)) {
      const entry = decodeEntry(row.payload);
      facts.observe(entry);
      note(oracle.observe(entry));
    }
    note(oracle.finish());
    return {
      entryCount: facts.entryCount,
      eventCount: facts.eventCount,
      figures: figuresOf(facts.jobs.values()),
      requestIds: new Set([...facts.jobs.values()].map((job) => job.requestId)),
      peaks: oracle.peaks(),
      violationCount,
      violations,
      tally: oracle.tally(),
    };
  } finally {
    await log.close();
  }
}
