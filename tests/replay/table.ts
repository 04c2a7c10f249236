import type { Spread } from "./figures.ts";
import { durationText } from "./progress.ts";
import {
  loadShare,
  type ReplayCost,
  type ReplayOutcome,
  type ReplayReport,
  worstOfLevels,
} from "./report.ts";

type Row = readonly [what: string, found: string];

const count = (value: number): string => value.toLocaleString("en");
const fixed = (value: number, digits: number): string =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const kilowatts = (watts: number): string => `${fixed(watts / 1_000, 1)} kW`;
const megabytes = (bytes: number): string => `${fixed(bytes / 1e6, 0)} MB`;

function spread({ mean, median, p95 }: Spread, digits: number): string {
  return `mean ${fixed(mean, digits)}, median ${fixed(median, digits)}, p95 ${fixed(p95, digits)}`;
}

/** What the seed alone decides. */
function outcomeRows(outcome: ReplayOutcome): readonly Row[] {
  const { figures } = outcome;
  const failed = Object.entries(figures.failedByCategory)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([category, jobs]) => `${category} ${count(jobs)}`)
    .join(", ");
  return [
    ["jobs submitted", count(outcome.submittedCount)],
    [
      "acknowledged",
      `${count(outcome.acknowledgedCount)} (refused ${count(outcome.refusedCount)})`,
    ],
    ["acknowledged and not in the log", count(outcome.lostCount)],
    ["completed", count(figures.succeededCount)],
    ["failed", `${count(figures.failedCount)}${failed === "" ? "" : ` (${failed})`}`],
    ["unfinished", count(figures.unfinishedCount)],
    ["wait, s", spread(figures.waitSeconds, 1)],
    ["bounded slowdown (τ 10 s)", spread(figures.boundedSlowdown, 2)],
    ["GPU-hours", fixed(figures.gpuHours, 0)],
    ["GPUs held on average", fixed(figures.meanGpusHeld, 1)],
    [
      "energy of jobs at the nodes, simulated meter",
      `${fixed(figures.measuredKilowattHours, 0)} kWh (idle share of their GPUs included)`,
    ],
    [
      "energy reserved, watts × time held",
      `${fixed(figures.reservedKilowattHours, 0)} kWh (above idle)`,
    ],
    ...worstOfLevels(outcome.peaks).map((peak): Row => {
      const budget = peak.budgetWatts === undefined ? "none" : kilowatts(peak.budgetWatts);
      const which = peak.domainCount === 1 ? "" : `, highest of ${peak.domainCount}`;
      return [
        `peak bound, ${peak.kind}${which}`,
        `${kilowatts(peak.peakWatts)} of limit ${kilowatts(peak.usableWatts)} (${fixed(loadShare(peak) * 100, 1)} %), budget ${budget}`,
      ];
    }),
    ["violations found by the oracle", count(outcome.violationCount)],
    ["log", `${count(outcome.entryCount)} entries, ${count(outcome.eventCount)} events`],
    ["virtual time", `${fixed(figures.spanMs / 86_400_000, 1)} days`],
  ];
}

/** What the machine decides. */
function costRows(cost: ReplayCost, jobCount: number): readonly Row[] {
  const { writer } = cost;
  return [
    [
      "wall time",
      `${durationText(cost.wallMs)} (submits ${durationText(cost.submitWallMs)}, clock ${durationText(cost.advanceWallMs)})`,
    ],
    [
      "submits per second",
      `${fixed(jobCount / (cost.submitWallMs / 1_000), 0)} while submitting, ${fixed(jobCount / (cost.wallMs / 1_000), 0)} over the run; one by one, as the trace has them`,
    ],
    [
      "submit, client",
      `p50 ${fixed(cost.submitP50Ms, 2)} ms, p99 ${fixed(cost.submitP99Ms, 2)} ms`,
    ],
    [
      "decision, server",
      `p50 ${fixed(writer.decision.p50Ms, 3)} ms, p99 ${fixed(writer.decision.p99Ms, 3)} ms, max ${fixed(writer.decision.maxMs, 1)} ms of ${count(writer.decision.count)}`,
    ],
    [
      "append until durable",
      `p50 ${fixed(writer.append.p50Ms, 2)} ms, p99 ${fixed(writer.append.p99Ms, 2)} ms`,
    ],
    [
      "peak memory of the server",
      `${megabytes(cost.peakMemoryBytes)}, simulated cluster and log thread included`,
    ],
    ["server's warnings", count(cost.warningCount)],
    ["log on disk", megabytes(cost.logBytes)],
    ...recoveryRow("recovery from the log alone", cost.recoveryFromLogMs),
    ...recoveryRow("recovery from a snapshot", cost.recoveryFromSnapshotMs),
    ["oracle", durationText(cost.oracleMs)],
  ];
}

function recoveryRow(what: string, elapsedMs: number | undefined): readonly Row[] {
  return elapsedMs === undefined
    ? []
    : [[what, `${fixed(elapsedMs / 1_000, 2)} s from the start of the process until it answers`]];
}

/** The whole report as a Markdown table. */
export function reportTable({ setting, outcome, cost }: ReplayReport): string {
  const rows: readonly Row[] = [
    ["trace", `${setting.trace}, ${count(setting.jobCount)} jobs`],
    [
      "site",
      `${setting.site}, revision ${setting.siteRevision.slice(0, 12)}, budget ${kilowatts(setting.budgetWatts)} on the feed`,
    ],
    ["seed", String(setting.seed)],
    ["command", `\`${setting.command}\``],
    ["commit and date", `${setting.commit}, ${setting.date}`],
    ["machine", setting.machine],
    ...outcomeRows(outcome),
    ...costRows(cost, outcome.submittedCount),
  ];
  const width = Math.max(...rows.map(([what]) => what.length));
  return [
    `| ${"what".padEnd(width)} | found |`,
    `| ${"-".repeat(width)} | --- |`,
    ...rows.map(([what, found]) => `| ${what.padEnd(width)} | ${found} |`),
    "",
    "Rules:",
    ...setting.rules.map((rule) => `- ${rule}`),
  ].join("\n");
}
