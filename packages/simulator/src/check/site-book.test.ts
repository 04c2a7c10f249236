import { expect, test } from "vitest";
import { openSite } from "../run/open-site.ts";
import { boundWatts } from "./power-tree.ts";
import { capInForce, type HeldAttempt, SiteBook } from "./site-book.ts";

const text = `
site: book
title: For a test
nodeClasses:
  a: {gpuModel: A100-SXM-80GB, gpuCount: 8, idle: 440 W, peak: 3200 W, gpuCap: 200 W..400 W, partUse: share, source: assumption}
templates:
  rack-a: {kind: rack, supplies: 2 × 10 kW, redundancy: 2N, nodes: 2 × a, source: assumption}
feed:
  limit: 20 kW
  fixed: 100 W
  loadFactor: 1.25
  source: assumption
  substations:
    - {name: substation-1, supplies: 3 × 5 kW, redundancy: N+1, source: assumption, halls: [{name: hall-1, limit: 12 kW, source: assumption, rows: [{name: row-1, limit: 12 kW, source: assumption, racks: 1 × rack-a}]}]}
`;

function bookOf(siteText: string = text): SiteBook {
  const opened = openSite("book.yaml", siteText);
  if (opened.kind === "errors") {
    throw new Error(opened.errors.map(({ message }) => message).join("\n"));
  }
  return new SiteBook(opened.site);
}

function attempt(
  sent: number[],
  acknowledged: readonly (readonly [number, number])[],
): HeldAttempt {
  return {
    key: { job: 1, task: 0, attempt: 1 },
    gpuCount: 8,
    masks: new Map([[0, 255]]),
    sent,
    acknowledged: new Map(acknowledged),
  };
}

test("loads grow by load factors on the way up; limits are what survives one failure", () => {
  const book = bookOf();
  expect(book.loadWatts(0)).toBe(1.25 * 880 + 100);
  expect([0, 1].map((domain) => book.usableWatts(domain))).toEqual([20_000, 10_000]);
  book.holds[0]?.add(attempt([0], []));
  book.touch(0);
  expect(book.loadWatts(0)).toBe(1.25 * (440 + 3_200) + 100);
  expect(book.recheck()).toEqual([]);
});

test("a lower cap counts when it is acknowledged, a higher one at once", () => {
  expect(capInForce(attempt([400, 250], []), 0)).toBe(400);
  expect(capInForce(attempt([400, 250], [[0, 1]]), 0)).toBe(250);
  expect(capInForce(attempt([400, 250, 300], [[0, 1]]), 0)).toBe(300);
  expect(capInForce(attempt([0, 250], []), 0)).toBe(0);
  expect(capInForce(attempt([250, 200, 300], [[0, 0]]), 0)).toBe(300);
});

test("bounds are whole watts, never below idle", () => {
  const nodeClass = bookOf().site.nodeClasses[0];
  if (nodeClass === undefined) {
    throw new Error("no class");
  }
  expect(boundWatts(nodeClass, [])).toBe(440);
  expect(boundWatts(nodeClass, [{ gpuCount: 8, capWatts: 0 }])).toBe(3_200);
  expect(boundWatts(nodeClass, [{ gpuCount: 8, capWatts: 250 }])).toBe(2_000);
  expect(
    boundWatts(nodeClass, [
      { gpuCount: 1, capWatts: 0 },
      { gpuCount: 2, capWatts: 200 },
    ]),
  ).toBe(440 + 345 * 3 - 400);
  const peak = { ...nodeClass, partUse: "peak" } as const;
  expect(boundWatts(peak, [{ gpuCount: 4, capWatts: 200 }])).toBe(3_200);
  expect(boundWatts(peak, [{ gpuCount: 8, capWatts: 200 }])).toBe(1_600);
});

test("a supply that would carry too much after a failure is named, though its hall carries it", () => {
  const rows = ["a-b", "b-a", "c-a"].map((name) => {
    const [primary, reserve] = name.split("-");
    return `{name: row-${name}, limit: 20 kW, primary: ups-${primary}, reserve: ups-${reserve}, source: assumption, racks: 1 × rack-a}`;
  });
  const book = bookOf(`
site: book
title: For a test
nodeClasses:
  a: {gpuModel: A100-SXM-80GB, gpuCount: 8, idle: 440 W, peak: 3200 W, partUse: share, source: assumption}
templates:
  rack-a: {kind: rack, limit: 10 kW, nodes: 1 × a, source: assumption}
feed:
  limit: 40 kW
  source: assumption
  halls:
    - name: hall-1
      supplies: {ups-a: 5 kW, ups-b: 5 kW, ups-c: 5 kW}
      redundancy: distributed
      fixed: 200 W
      source: assumption
      rows: [${rows.join(", ")}]
`);
  const hall = 1;
  expect(book.usableWatts(hall)).toBe(10_000);
  for (const node of [0, 1]) {
    expect(book.suppliesOver(hall)).toEqual([]);
    book.holds[node]?.add({ ...attempt([0], []), masks: new Map([[node, 255]]) });
    book.touch(node);
  }
  expect(book.isOver(hall)).toBe(false);
  expect(book.suppliesOver(hall)).toEqual([
    "6600.0 W in force on ups-a if ups-b fails, it carries 5000 W",
    "6600.0 W in force on ups-b if ups-a fails, it carries 5000 W",
  ]);
});
