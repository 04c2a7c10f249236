import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import {
  decodeEntry,
  defaultLimits,
  Engine,
  jobState,
  stateDigest,
} from "@ertis/scheduler-engine";
import { describe, expect, test } from "vitest";

import { executeAll, factsOf, oneByOne } from "../properties/histories.ts";
import { isOfPower, kindsOfPower } from "./power-kinds.ts";
import type { Outcome } from "./recorded-hub.ts";
import { commandOf, rowOf } from "./rows.ts";

const recordAgain =
  "decisions differ from those of this release: if that is meant, record its histories anew, see tests/histories/record.ts";
const folder = import.meta.dirname;
const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));

function readHistory(name: string): {
  readonly outcome: Outcome;
  readonly rows: readonly string[];
} {
  const [first, ...rows] = readFileSync(join(folder, name), "utf8").trimEnd().split("\n");
  const outcome: Outcome = JSON.parse(first ?? "");
  return { outcome, rows };
}

test("there are recorded histories of a queue and of watts", () => {
  expect(files.some((name) => !isOfPower(name))).toBe(true);
  expect(files.some(isOfPower)).toBe(true);
});

test.each(files.filter(isOfPower))("%s holds everything that happens to watts", (name) => {
  const kinds = new Set(
    readHistory(name).rows.flatMap((row) => decodeEntry(row).events.map(({ kind }) => kind)),
  );
  expect(kindsOfPower.filter((kind) => !kinds.has(kind))).toEqual([]);
});

describe.each(files)("%s", (name) => {
  const { outcome, rows } = readHistory(name);
  const entries = rows.map(decodeEntry);
  const commands = rows.map(commandOf);

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
    const again = executeAll(new Engine(defaultLimits), commands);
    const rowsAgain = commands.flatMap((command, at) => {
      const entry = again[at];
      return entry === undefined ? [] : [rowOf(command, entry)];
    });
    expect(rowsAgain, recordAgain).toEqual(rows);
  });

  test("every submit taken apart: the same facts and the same state", () => {
    const engine = new Engine(defaultLimits);
    const again = executeAll(engine, oneByOne(commands, entries));
    expect(factsOf(again)).toEqual(factsOf(entries));
    expect(stateDigest(engine.state)).toBe(outcome.digest);
  });
});
