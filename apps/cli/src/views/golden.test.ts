// What people see, letter by letter, in src/views/golden. `npx vitest run apps/cli -u` writes the files anew:
// look at the difference as a tired operator would.
import { Explanation, ExplanationReason, Node, NodeState, DrainAction } from "@ertis/api";
import { expect, test } from "vitest";
import { renderTable } from "../output/table.ts";
import type { Style } from "../terminal/style.ts";
import { toWidth } from "../terminal/text.ts";
import { sampleJobs } from "../testing/sample-jobs.ts";
import { sampleNowMs as nowMs, samplePower } from "../testing/sample-power.ts";
import { sampleAccounts } from "../testing/sample-accounts.ts";
import { samplePreview, sampleRefusal, sampleReport } from "../testing/sample-curtailments.ts";
import { createAccountListing } from "./accounts-table.ts";
import { renderCompliance } from "./compliance.ts";
import { renderPreview } from "./curtailment-preview.ts";
import { renderRefusal } from "./curtailment-refusal.ts";
import { renderExplanation } from "./explanation.ts";
import { renderJob } from "./job-detail.ts";
import { createJobColumns } from "./jobs-table.ts";
import { createNodeListing } from "./nodes-table.ts";
import { renderPowerTree } from "./power-tree.ts";
import { renderTop } from "./top.ts";

/** Times are shown in this machine's zone: they differ from place to place, and are not what is tested. */
function withoutTimes(lines: readonly string[]): string {
  const text = lines.join("\n");
  return `${text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "YYYY-MM-DD HH:MM:SS")
    .replaceAll(/\b\d\d:\d\d:\d\d\b/g, "HH:MM:SS")
    .replaceAll(/\bUTC(?:[+-]\d+(?::\d\d)?)?/g, "ZONE")
    .replaceAll(/since \d\d:\d\d/g, "since HH:MM")}\n`;
}

const narrow: readonly Style[] = [50, 60, 72, 80].map((width) => ({
  isColoured: false,
  isUnicode: true,
  width,
}));

const styles: readonly (readonly [string, Style])[] = [
  ["80", { isColoured: false, isUnicode: true, width: 80 }],
  ["80-ascii", { isColoured: false, isUnicode: false, width: 80 }],
  ["160", { isColoured: false, isUnicode: true, width: 160 }],
  ["pipe", { isColoured: false, isUnicode: true, width: undefined }],
];

async function check(name: string, lines: readonly string[]): Promise<void> {
  await expect(withoutTimes(lines)).toMatchFileSnapshot(`golden/${name}.txt`);
}

function expectToFit(lines: readonly string[], { width = Infinity }: Style): void {
  expect(lines.filter((line) => toWidth(line) > width)).toEqual([]);
}

test.each(styles)("the power tree at %s", async (name, style) => {
  const isWide = style.width === 160;
  const lines = renderPowerTree(samplePower, { style, hasHeaders: true, nowMs, isWide });
  expectToFit(lines, style);
  await check(`power-${name}`, lines);
});

test.each(styles)("jobs at %s", async (name, style) => {
  const columns = createJobColumns({ nowMs, isUnicode: style.isUnicode });
  const isWide = style.width === 160;
  const lines = renderTable(sampleJobs, columns, style, { hasHeaders: true, isWide });
  expectToFit(lines, style);
  await check(`jobs-${name}`, lines);
});

const rack = "pavlodar-hub/substation-1/hall-2/row-03/rack-07";
const sampleNodes = [
  {
    id: `${rack}/node-1`,
    state: NodeState.READY,
    gpuUsedCount: 8,
    jobIds: ["1", "2", "3", "4", "5_7"],
  },
  {
    id: `${rack}/node-2`,
    state: NodeState.READY,
    cordoned: true,
    cordonReason: "fan 3 failed",
    cordonedBy: "d.akhmetov",
    drainAction: DrainAction.REQUEUE,
    drainDeadlineTimeMs: nowMs + 7_200_000,
  },
  { id: `${rack}/node-3`, state: NodeState.LOST, stateTimeMs: nowMs - 600_000 },
  { id: `${rack}/node-4`, state: NodeState.OFF, boundWatts: 0 },
].map((facts) =>
  Node.fromPartial({ gpuCount: 8, boundWatts: 10_200, gpuModel: "H100-SXM-80GB", ...facts }),
);

test.each(styles)("nodes at %s", async (name, style) => {
  const { columns } = createNodeListing({ nowMs, isUnicode: style.isUnicode });
  const isWide = style.width === 160;
  const lines = renderTable(sampleNodes, columns, style, { hasHeaders: true, isWide });
  expectToFit(lines, style);
  await check(`nodes-${name}`, lines);
});

test("each job, whole", async () => {
  const style = { isColoured: false, isUnicode: true, width: 100 };
  const lines = sampleJobs.flatMap((job) => [...renderJob(job, { style, nowMs }), ""]);
  expectToFit(lines, style);
  await check("job", lines);
});

test("why a job waits: power, GPUs, a throttle", async () => {
  const style = { isColoured: false, isUnicode: true, width: 100 };
  const facts = {
    site: "pavlodar-hub",
    neededGpuCount: 512,
    availableGpuCount: 96,
    neededNodeCount: 64,
    availableNodeCount: 12,
    jobsAheadCount: 17,
    jobsAheadIsLowerBound: true,
    earliestStartTimeMs: nowMs + 5_400_000,
  };
  const explanations = [
    {
      ...facts,
      reason: ExplanationReason.POWER_BUDGET,
      summary: "the budget evening leaves too few watts at hall-2",
      domainId: "pavlodar-hub/substation-1/hall-2",
      neededWatts: 492_800,
      availableWatts: 100_000,
      budgetId: "evening",
      windowFromTimeMs: nowMs - 1_800_000,
      windowUntilTimeMs: nowMs + 5_400_000,
    },
    {
      ...facts,
      reason: ExplanationReason.GPUS,
      summary: "too few free GPUs of one model on enough nodes",
      unavailableNodeCount: 3,
    },
    {
      ...facts,
      reason: ExplanationReason.POWER_LIMIT,
      summary: "hall-2 has no watts for it at full power",
      promisedStartTimeMs: nowMs + 7_200_000,
      startOptions: [
        {
          capWatts: 0,
          speedPermille: 1_000,
          earliestStartTimeMs: nowMs + 5_400_000,
          endsByTimeMs: nowMs + 9_000_000,
        },
        {
          capWatts: 500,
          speedPermille: 791,
          earliestStartTimeMs: nowMs + 600_000,
          endsByTimeMs: nowMs + 5_151_000,
        },
        { capWatts: 350, speedPermille: 608, earliestStartTimeMs: 0, endsByTimeMs: 0 },
      ],
      suggestion: { summary: "on 12 nodes it starts at once", field: "node_count", value: "12" },
    },
    { ...facts, reason: ExplanationReason.ARRAY_THROTTLE, summary: "10 of its tasks run" },
    { ...facts, reason: ExplanationReason.RUNNING, summary: "it runs" },
  ];
  const lines = explanations.flatMap((each) => [
    ...renderExplanation(Explanation.fromPartial(each), { style, nowMs }),
    "",
  ]);
  await check("why", lines);
});

test.each(styles)("a curtailment's preview and refusal at %s", async (name, style) => {
  const view = { style, nowMs, hasHeaders: true };
  const lines = [...renderPreview(samplePreview, view), "", ...renderRefusal(sampleRefusal, view)];
  expectToFit(lines, style);
  await check(`curtail-preview-${name}`, lines);
});

test.each(styles)("how a curtailment was kept at %s", async (name, style) => {
  const lines = renderCompliance(sampleReport, { style, nowMs, hasHeaders: true });
  expectToFit(lines, style);
  await check(`curtail-compliance-${name}`, lines);
});

test("a power tree in a curtailment: draw, target, caps", async () => {
  const style = { isColoured: false, isUnicode: true, width: 100 };
  const domains = samplePower.slice(0, 3).map((domain, index) => ({
    ...domain,
    drawWatts: [9_300_000, 7_100_000, 3_600_000][index],
    ...(index === 0 ? { targetWatts: 9_340_000, curtailmentId: "evening" } : {}),
    ...(index === 2
      ? { targetWatts: 3_500_000, gpuCappedCount: 1_024, capSavedWatts: 300_000 }
      : {}),
  }));
  const lines = renderPowerTree(domains, { style, hasHeaders: true, nowMs, isWide: false });
  expectToFit(lines, style);
  await check("power-curtailed", lines);
});

test("accounts as a tree", async () => {
  const style = { isColoured: false, isUnicode: true, width: 110 };
  const { columns } = createAccountListing();
  const lines = renderTable(sampleAccounts, columns, style, { hasHeaders: true, isWide: false });
  expectToFit(lines, style);
  await check("accounts", lines);
});

test.each([
  ["a usual terminal", 24, 80, ""],
  ["a tall one", 50, 120, ""],
  ["a very small one", 8, 60, ""],
  [
    "a broken connection",
    24,
    80,
    "cannot reach the scheduler: connect ECONNREFUSED 127.0.0.1:7070",
  ],
])("top on %s", async (name, rowCount, width, staleness) => {
  const style = { isColoured: false, isUnicode: true, width };
  const state = {
    title: "127.0.0.1:7070 as aigerim",
    domains: samplePower,
    jobs: sampleJobs.slice(0, 7),
    endedCount: 3,
    sinceMs: nowMs - 3_600_000,
    nowMs,
    staleness,
  };
  const lines = renderTop(state, style, rowCount);
  expect(lines.length).toBeLessThanOrEqual(rowCount);
  await check(`top-${name.replaceAll(" ", "-")}`, lines);
});

test.each(narrow)(
  "rows never wrap, and what is least needed goes first: $width columns",
  (style) => {
    for (const isWide of [false, true]) {
      const options = { hasHeaders: true, isWide };
      const view = { nowMs, isUnicode: style.isUnicode };
      const tables = [
        renderPowerTree(samplePower, { style, nowMs, ...options }),
        renderTable(sampleJobs, createJobColumns(view), style, options),
        renderTable(sampleNodes, createNodeListing(view).columns, style, options),
      ];
      for (const lines of tables) {
        expectToFit(lines, style);
      }
      expect(tables.map(([header]) => header)).toEqual([
        expect.stringMatching(/^DOMAIN .*AT MOST/),
        expect.stringMatching(/^JOB .*NAME .*STATE/),
        expect.stringMatching(/^NODE .*STATE/),
      ]);
    }
  },
);

test("a domain is never freer than what is above it", () => {
  const style = { isColoured: false, isUnicode: true, width: 80 };
  const lines = renderPowerTree(samplePower, { style, hasHeaders: false, nowMs, isWide: false });
  // 6.20 MW are free at the substation itself, 2.66 MW at the feed.
  expect(lines.find((line) => line.includes("substation-1"))).toContain("2.66 MW");
});

test("colour changes nothing but colour", () => {
  const style = { isColoured: true, isUnicode: true, width: 80 };
  const plain = renderPowerTree(samplePower, {
    style: { ...style, isColoured: false },
    hasHeaders: true,
    nowMs,
    isWide: false,
  });
  const coloured = renderPowerTree(samplePower, { style, hasHeaders: true, nowMs, isWide: false });
  // oxlint-disable-next-line no-control-regex -- the escape character begins the codes that are taken out
  const stripped = coloured.map((line) => line.replaceAll(/\u001B\[\d*m/g, ""));
  expect(stripped).toEqual([...plain]);
  expect(coloured).not.toEqual([...plain]);
});

test("excess is said in words and by a symbol, not by colour alone", () => {
  const lines = renderPowerTree(samplePower, {
    style: { isColoured: false, isUnicode: true, width: 80 },
    hasHeaders: true,
    nowMs,
    isWide: false,
  });
  expect(lines.filter((line) => line.includes("▲ OVER BUDGET by 1.20 MW"))).toHaveLength(1);
});

test("a name from elsewhere cannot draw on the screen", () => {
  const [first] = sampleJobs;
  const spec = first?.spec;
  const evil = { ...first, spec: { ...spec, name: "a\u001B[2Jb" } } as (typeof sampleJobs)[number];
  const style = { isColoured: false, isUnicode: true, width: 80 };
  const columns = createJobColumns({ nowMs, isUnicode: true });
  const table = renderTable([evil], columns, style, { hasHeaders: false, isWide: false });
  expect([...table, ...renderJob(evil, { style, nowMs })].join("\n")).not.toContain("\u001B");
});
