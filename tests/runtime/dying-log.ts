import type { EventLog } from "@ertis/scheduler-runtime";

/** Where in a commit the process dies. */
export type Death = "before-commit" | "after-commit";

export interface DyingLog {
  readonly log: EventLog;
  /** The next append is the last thing that happens. */
  readonly die: (death: Death) => void;
}

/**
 * A log whose process can die at the edges of a commit, which a signal from outside hits once in a
 * thousand times: nothing is stored, or everything is stored and nobody is told.
 */
export function dyingLog(log: EventLog): DyingLog {
  let death: Death | undefined;
  return {
    log: {
      append: async (payloads, expected) => {
        if (death === "before-commit") {
          throw new Error("died before the commit");
        }
        const result = await log.append(payloads, expected);
        if (death === "after-commit") {
          throw new Error("died after the commit");
        }
        return result;
      },
      read: (after) => log.read(after),
      range: () => log.range(),
      latestSnapshot: () => log.latestSnapshot(),
      writeSnapshot: (sequence, chunks) => log.writeSnapshot(sequence, chunks),
      trim: (sequence) => log.trim(sequence),
      close: () => log.close(),
    },
    die: (where) => {
      death = where;
    },
  };
}
