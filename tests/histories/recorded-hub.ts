import { MemoryEventLog, MemoryLogStorage } from "@ertis/event-log";
import { toNumber } from "@ertis/quantities";
import {
  type Command,
  type Decision,
  Engine,
  jobState,
  stateDigest,
} from "@ertis/scheduler-engine";
import type { Request, Scheduler } from "@ertis/scheduler-runtime";
import { advance, startIn, type World } from "../runtime/world.ts";
import { rowOf } from "./rows.ts";

/** What came of a recorded history: the first line of its file. */
export interface Outcome {
  readonly digest: string;
  readonly states: readonly string[];
}

export interface RecordedHub {
  nowMs(): number;
  /** False: it is refused. */
  isTaken(request: Request): Promise<boolean>;
  /** @throws when it is refused: a history is to show what it was written for */
  request(request: Request): Promise<void>;
  advance(ms: number): Promise<void>;
  /** Jobs in a state, by number. */
  jobsIn(state: ReturnType<typeof jobState>): Promise<readonly number[]>;
  /** The scheduler is killed, and another one goes on with the log and the cluster. */
  restart(): Promise<void>;
  finish(): Promise<{ readonly outcome: Outcome; readonly rows: readonly string[] }>;
}

/**
 * The rows of everything that an engine is asked from now on, also of what it answers with no event: a
 * log leaves that out, yet what was looked at in vain can decide what is tried again.
 */
export function recordDecisions(): readonly string[] {
  const rows: string[] = [];
  // eslint-disable-next-line typescript/unbound-method -- called with its engine below
  const { execute } = Engine.prototype;
  Engine.prototype.execute = function recorded(this: Engine, command: Command): Decision {
    const decision = execute.call(this, command);
    rows.push(rowOf(command, decision.entry));
    return decision;
  };
  return rows;
}

/** The real runtime on a simulated cluster and a log that is kept. */
export async function openRecordedHub(world: World): Promise<RecordedHub> {
  const storage = new MemoryLogStorage();
  let log = new MemoryEventLog(storage);
  let scheduler: Scheduler = await startIn(world, log);
  return {
    nowMs: () => toNumber(world.time.now()),
    isTaken: async (request) => (await scheduler.request(request)).kind !== "rejected",
    request: async (request) => {
      const reply = await scheduler.request(request);
      if (reply.kind === "rejected" || reply.kind === "unavailable") {
        throw new Error(`${request.kind} was refused: ${reply.message}`);
      }
    },
    advance: async (ms) => advance(world, ms),
    jobsIn: async (state) => {
      const jobs = await scheduler.read((engine) => [...engine.state.jobs.after(0)]);
      return jobs.filter((job) => jobState(job) === state).map((job) => job.number);
    },
    restart: async () => {
      log.kill();
      await scheduler.close();
      log = new MemoryEventLog(storage);
      scheduler = await startIn(world, log);
    },
    finish: async () => {
      const rows: string[] = [];
      for await (const row of log.read(0)) {
        rows.push(row.payload);
      }
      const outcome = await scheduler.read((engine) => ({
        digest: stateDigest(engine.state),
        states: [...engine.state.jobs.after(0)].map((job) => `${job.number} ${jobState(job)}`),
      }));
      await scheduler.close();
      return { outcome, rows };
    },
  };
}
