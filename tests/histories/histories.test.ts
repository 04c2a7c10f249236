import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import {
  type Command,
  decodeEntry,
  defaultLimits,
  encodeEntry,
  Engine,
  type Entry,
  jobState,
  stateDigest,
} from "@ertis/scheduler-engine";
import { describe, expect, test } from "vitest";

import { executeAll, factsOf, oneByOne } from "../properties/histories.ts";

interface Outcome {
  readonly digest: string;
  readonly states: readonly string[];
}

const folder = import.meta.dirname;
const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));

function readHistory(name: string): { readonly outcome: Outcome; readonly rows: readonly string[] } {
  const [first, ...rows] = readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
  const outcome: Outcome = JSON.parse(first ?? "");
  return { outcome, rows };
}

/** The command behind a row. A submit is not repeated in it: what it accepted stands in its event. */
function commandOf({ command, events }: Entry): Command {
  if (command.kind !== "submit-jobs") {
    return command;
  }
  const submitted = events.find((event) => event.kind === "jobs-submitted");
  const { kind, at } = command;
  return { kind, at, owner: submitted?.owner ?? "", items: submitted?.items ?? [] };
}

test("there is a recorded history", () => {
  expect(files.length).toBeGreaterThan(0);
});

describe.each(files)("%s", (name) => {
  const { outcome, rows } = readHistory(name);
  const entries = rows.map(decodeEntry);

  test("its events give the recorded state", () => {
    const engine = new Engine(defaultLimits);
    for (const entry of entries) {
      engine.replay(entry);
    }
    expect([...engine.state.jobs.after(0)].map((job) => `${job.number} ${jobState(job)}`)).toEqual(
      outcome.states,
    );
    expect(stateDigest(engine.state)).toBe(outcome.digest);
  });

  test("its commands give its very rows again", () => {
    const again = executeAll(new Engine(defaultLimits), entries.map(commandOf));
    expect(again.map(encodeEntry)).toEqual(rows);
  });

  test("every submit taken apart: the same facts and the same state", () => {
    const engine = new Engine(defaultLimits);
    const again = executeAll(engine, oneByOne(entries.map(commandOf), entries));
    expect(factsOf(again)).toEqual(factsOf(entries));
    expect(stateDigest(engine.state)).toBe(outcome.digest);
  });
});
