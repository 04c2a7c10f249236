import { expect, test } from "vitest";
import { errorLines, smallSiteWith } from "./test-sites.ts";

type Mistake = readonly [what: string, find: string, replacement: string, expected: RegExp];

const plainHall = `        - name: hall-1
          phase: first
          limit: 150 kW
          rows: 2 × row-a
          source: assumption
`;

function distributed(lines: string): string {
  return `        - name: hall-1
          phase: first
          supplies: {ups-a: 60 kW, ups-b: 60 kW, ups-c: 60 kW}
          redundancy: distributed
${lines}          source: assumption
`;
}

function rows(first: string, second: string): string {
  return `          rows:
            - {name: row-1, template: row-a, ${first}}
            - {name: row-2, template: row-a, ${second}}
`;
}

const distributedMistakes: readonly Mistake[] = [
  [
    "supplies without names",
    plainHall,
    distributed(rows("primary: a, reserve: b", "primary: b, reserve: a")).replace(
      /\{ups-a.*\}/,
      "3 × 60 kW",
    ),
    /redundancy: distributed redundancy needs at least two supplies with names/,
  ],
  [
    "names without distribution",
    plainHall,
    distributed("          rows: 2 × row-a\n").replace(
      "redundancy: distributed",
      "redundancy: N+1",
    ),
    /redundancy: named supplies with redundancy: N\+1: names are for redundancy: distributed/,
  ],
  [
    "rows that name none",
    plainHall,
    distributed("          rows: 2 × row-a\n"),
    /rows: this row stands under distributed redundancy and names no primary supply: write for example \{name: row-1, template: …, primary: ups-a, reserve: ups-b\}/,
  ],
  [
    "an unknown supply",
    plainHall,
    distributed(rows("primary: ups-a, reserve: ups-b", "primary: ups-b, reserve: ups-d")),
    /reserve: unknown supply "ups-d" \(did you mean "ups-a"\?\): this hall has "ups-a", "ups-b" or "ups-c"/,
  ],
  [
    "a reserve that is the primary",
    plainHall,
    distributed(rows("primary: ups-a, reserve: ups-b", "primary: ups-b, reserve: ups-b")),
    /reserve: primary and reserve are both "ups-b"/,
  ],
  [
    "no reserve",
    plainHall,
    distributed(rows("primary: ups-a, reserve: ups-b", "primary: ups-b")),
    /names no reserve supply/,
  ],
  [
    "a supply where none can be chosen",
    "          rows: 2 × row-a\n",
    rows("primary: ups-a", "phase: first"),
    /primary: "primary" under a hall without redundancy: distributed/,
  ],
  [
    "a failure that one supply cannot carry idle",
    plainHall,
    distributed(rows("primary: ups-a, reserve: ups-b", "primary: ups-b, reserve: ups-a")).replace(
      "ups-b: 60 kW",
      "ups-b: 20 kW",
    ),
    /supplies: usable 20000 W of supply "ups-b" of this hall cannot carry 27440 W, the fixed load and the idle draw of what hangs on it after "ups-a" fails/,
  ],
  [
    "nodes directly under it",
    "supplies: 2 × 25 kW\n    redundancy: 2N",
    "supplies: {a: 25 kW, b: 25 kW}\n    redundancy: distributed",
    /nodes: nodes directly under distributed redundancy: a node names no supplies, so use 2N or N\+1 for this rack/,
  ],
];

test.each(distributedMistakes)("%s: one message", (_, find, replacement, expected) => {
  const lines = errorLines(smallSiteWith(find, replacement));
  expect(lines.join("\n")).toMatch(expected);
  expect(lines).toHaveLength(1);
});
