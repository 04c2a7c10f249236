import { toNumber } from "@ertis/quantities";
import {
  type Command,
  decodeEntry,
  encodeEntry,
  encodeSnapshot,
  Engine,
  type EngineLimits,
  type Entry,
  type Event,
  SnapshotReader,
  stateDigest,
  type SubmitJobs,
} from "@ertis/scheduler-engine";

/** What a log keeps: entries without events are not written. */
function logOf(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter((entry) => entry.events.length > 0);
}

/** A new engine that takes in what was decided before, through the form it is written in. */
export function replayed(limits: EngineLimits, entries: readonly Entry[]): Engine {
  const engine = new Engine(limits);
  for (const entry of logOf(entries)) {
    engine.replay(decodeEntry(encodeEntry(entry)));
  }
  return engine;
}

/** A new engine from a snapshot of another one. */
export function restored(engine: Engine): Engine {
  const reader = new SnapshotReader();
  for (const chunk of encodeSnapshot(engine.state)) {
    reader.add(chunk);
  }
  return new Engine(engine.limits, reader.finish());
}

/** The same commands with every submit taken apart into one submit for each item it accepted. */
export function oneByOne(
  commands: readonly Command[],
  entries: readonly Entry[],
): readonly Command[] {
  return commands.flatMap((command, index): readonly Command[] => {
    if (command.kind !== "submit-jobs") {
      return [command];
    }
    const submitted = entries[index]?.events.find((event) => event.kind === "jobs-submitted");
    return (submitted?.items ?? []).map((item): SubmitJobs => ({ ...command, items: [item] }));
  });
}

/** Everything that happened, with submits taken apart: equal for every grouping. */
export function factsOf(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap((entry) =>
    entry.events.flatMap((event) =>
      partsOf(event).map((part) => `${toNumber(entry.at)} ${JSON.stringify(part)}`),
    ),
  );
}

function partsOf(event: Event): readonly Event[] {
  return event.kind === "jobs-submitted"
    ? event.items.map((item, index) => ({
        ...event,
        firstJob: event.firstJob + index,
        items: [item],
      }))
    : [event];
}

export function executeAll(engine: Engine, commands: readonly Command[]): readonly Entry[] {
  return commands.map((command) => engine.execute(command).entry);
}

/** Commands behind a restart: every engine forgets at it what earlier decisions had noted. */
export function afterRestart(commands: readonly Command[]): readonly Command[] {
  const [first] = commands;
  return first === undefined ? [] : [{ kind: "restart", at: first.at }, ...commands];
}

/** How an engine went on: its state when it began, what it did, and its state at the end. */
interface Continued {
  readonly digestAtCut: string;
  readonly facts: readonly string[];
  readonly digest: string;
}

/** From a cut of the commands on: with the engine that ran until there, and with one from its snapshot. */
export function continuedFrom(
  limits: EngineLimits,
  commands: readonly Command[],
  cut: number,
): { readonly unbroken: Continued; readonly restarted: Continued } {
  const before = new Engine(limits);
  executeAll(before, commands.slice(0, cut));
  const after = restored(before);
  const rest = afterRestart(commands.slice(cut));
  const goOn = (engine: Engine): Continued => ({
    digestAtCut: stateDigest(engine.state),
    facts: factsOf(executeAll(engine, rest)),
    digest: stateDigest(engine.state),
  });
  return { unbroken: goOn(before), restarted: goOn(after) };
}
