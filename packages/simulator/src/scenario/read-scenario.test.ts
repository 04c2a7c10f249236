import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exampleFiles } from "../run/examples.ts";
import { openSite } from "../run/open-site.ts";
import { coolingCeilings } from "./cooling.ts";
import { readScenario } from "./read-scenario.ts";

const opened = openSite("hall.yaml", readFileSync(exampleFiles.site, "utf8"));
if (opened.kind === "errors") {
  throw new Error("the example's site is broken");
}
const { site } = opened;

function errorsOf(text: string): readonly string[] {
  const read = readScenario("events.yaml", text, site);
  return read.kind === "errors"
    ? read.errors.map(({ line, message }) => `${line}: ${message}`)
    : [];
}

test("reads every kind of event, in order of time", () => {
  const read = readScenario("events.yaml", readFileSync(exampleFiles.events, "utf8"), site);
  expect(read.kind === "events" ? read.events : []).toMatchObject([
    { kind: "curtailment", id: "evening-peak", domain: 0, noticeMs: 7_200_000, mode: "planned" },
    { kind: "node-failure", nodeCount: 2, repairMs: 10_800_000 },
    { kind: "feed-loss", domain: 1, left: { kind: "share", share: 0.7 } },
    { kind: "stale-telemetry" },
    { kind: "stuck-caps" },
  ]);
});

test("a curtailment gives up the floors of the tiers that it names", () => {
  const peak = "at: 1h, kind: curtailment, target: 60 %, for: 1h";
  const text = `events:\n  - {${peak}, giveUp: 50}\n  - {${peak}, mode: emergency, giveUp: "0, 25,50"}\n  - {${peak}}\n`;
  const read = readScenario("events.yaml", text, site);
  expect(read.kind === "events" ? read.events : []).toMatchObject([
    { giveUp: [50] },
    { giveUp: [50, 25, 0] },
    { giveUp: [] },
  ]);
});

test("cooling that takes more leaves less for the domain and for those above it", () => {
  const text =
    "events:\n  - {at: 1h, kind: cooling, domain: substation-1, factor: 1.35, for: 6h, notice: 30min}\n";
  const read = readScenario("events.yaml", text, site);
  expect(read.kind === "events" ? read.events : []).toMatchObject([
    { kind: "cooling", domain: 1, factor: 1.35, forMs: 21_600_000, noticeMs: 1_800_000 },
  ]);
  // 144 kW at the substation are 115.2 kW of nodes at 1.25 and 106.7 kW at 1.35.
  expect(coolingCeilings(site, 1, 1.35)).toEqual([
    { domain: 1, watts: 133_333 },
    { domain: 0, watts: 149_333 },
  ]);
});

test.each([
  [
    "events:\n  - {at: 2h, kind: cooling, domain: substation-1, factor: 1.2, for: 1h}\n",
    '"1.2" is no load factor above the 1.25 of example/substation-1',
  ],
  ["events:\n  - {at: 2h, kind: power-cut, for: 1h}\n", '2: unknown kind "power-cut"'],
  ["events:\n  - {at: 2h, kind: feed-loss, domain: hall-9, left: 60 %, for: 1h}\n", "is no domain"],
  ["events:\n  - {at: 2h, kind: budget, ceiling: 120 %, for: 1h}\n", "is more than all"],
  ["events:\n  - {at: 2, kind: budget, ceiling: 80 %, for: 1h}\n", "has no unit"],
  [
    "events:\n  - {at: 400d, kind: budget, ceiling: 80 %, for: 1h}\n",
    '2: at: "400d" is more than a year',
  ],
  ["events:\n  - {at: 1h, kind: budget, ceiling: 80 %, for: -1h}\n", '2: for: "-1h" is not a'],
  [
    "events:\n  - {at: 1h, kind: curtailment, target: 80 %, for: 1h, mode: fast}\n",
    '2: mode: found "fast", allowed are "planned"',
  ],
  ["events:\n  - {kind: budget, ceiling: 80 %, for: 1h}\n", '"at" is missing'],
  ["events:\n  - {at: 2h, kind: node-failure, nodes: 17}\n", "from 1 to 16"],
  ["events:\n  - {at: 2h, kind: node-failure, node: 1}\n", 'unknown key "node"'],
  [
    "events:\n  - {at: 2h, kind: curtailment, target: 60 %, for: 1h, giveUp: 0}\n",
    "2: giveUp: a planned curtailment keeps the floors of jobs that tolerate nothing: leave 0 out, or add mode: emergency",
  ],
  [
    'events:\n  - {at: 2h, kind: curtailment, target: 60 %, for: 1h, giveUp: "50,7"}\n',
    "is no list of tiers",
  ],
  ["events:\n  - {at: 2h, kind: cancel-curtailment, id: peak}\n", "no curtailment has the id"],
  [
    "events:\n  - {at: 1h, kind: curtailment, id: a, target: 70 %, for: 1h}\n  - {at: 2h, kind: curtailment, id: a, target: 70 %, for: 1h}\n",
    "3: a curtailment with the id",
  ],
])("refuses %j", (text, message) => {
  expect(errorsOf(text).join("\n")).toContain(message);
});
