import {
  type ComplianceMinute,
  type ComplianceReport,
  type Curtailment,
  CurtailmentState,
} from "@ertis/api";
import { showCount, showDuration, showEnergy, showTimeOfDay, showWatts } from "../output/format.ts";
import { renderTable } from "../output/table.ts";
import { paint } from "../terminal/style.ts";
import { toPrintable } from "../terminal/text.ts";
import {
  hardlyMeasured,
  hasNeverBegun,
  isOver,
  isWhole,
  measuredPart,
  showVerdict,
} from "./compliance-verdict.ts";
import { beyondPermille, createAffectedColumns, groupAffected } from "./affected-jobs.ts";
import type { PreviewView } from "./preview-view.ts";
import { showGivenUp, showMode, showTarget, showWindow, toStateCell } from "./curtailment-words.ts";
import { renderFields } from "./fields.ts";
import { renderStrip } from "./power-strip.ts";

const mostRows = 30;
const mostJobs = 20;

/** Every minute that was over, and of the others as many as fit, evenly. */
function chooseMinutes(minutes: readonly ComplianceMinute[]): readonly ComplianceMinute[] {
  if (minutes.length <= mostRows) {
    return minutes;
  }
  const over = minutes.filter(isOver).slice(0, mostRows);
  const step = minutes.length / Math.max(1, mostRows - over.length);
  const chosen = new Set(over);
  for (let at = 0; at < minutes.length && over.length < mostRows; at += step) {
    const minute = minutes[Math.floor(at)];
    if (minute !== undefined) {
      chosen.add(minute);
    }
  }
  return minutes.filter((minute) => chosen.has(minute));
}

function renderMinutes(report: ComplianceReport, view: PreviewView): readonly string[] {
  const { style } = view;
  const mostWatts = report.minutes.reduce(
    (most, { targetWatts, drawWatts = 0 }) => Math.max(most, targetWatts, drawWatts),
    0,
  );
  const width = Math.max(10, Math.min(40, (style.width ?? 100) - 40));
  const judge = (minute: ComplianceMinute): "running" | "over" | "" => {
    if (!isWhole(minute, report, view.nowMs)) {
      return "running";
    }
    return isOver(minute) ? "over" : "";
  };
  const chosen = chooseMinutes(report.minutes);
  const rows = renderTable(
    chosen,
    [
      { title: "MINUTE", cell: ({ timeMs }) => showTimeOfDay(timeMs) },
      {
        title: "",
        cell: ({ drawWatts = 0, targetWatts }) =>
          renderStrip(
            { drawWatts, boundWatts: 0, targetWatts },
            { mostWatts, width },
            { ...style, isColoured: false },
          ),
      },
      {
        title: "DRAWN",
        align: "right",
        cell: (minute) =>
          minute.drawWatts === undefined
            ? "?"
            : {
                text: showWatts(minute.drawWatts),
                ...(judge(minute) === "over" ? { tone: "bad" as const } : {}),
              },
      },
      { title: "ALLOWED", align: "right", cell: ({ targetWatts }) => showWatts(targetWatts) },
      { title: "", cell: judge },
    ],
    style,
    { hasHeaders: view.hasHeaders, isWide: false },
  );
  const allCount = report.minutes.length;
  const hint = `${showCount(chosen.length)} of ${showCount(allCount)} minutes; --csv writes all`;
  return chosen.length === allCount ? rows : [...rows, paint(style, "dim", hint)];
}

function showReached(report: ComplianceReport, nowMs: number): string {
  if (report.isTargetMet) {
    const measured = hardlyMeasured(report, nowMs) === "" ? "" : " as far as they were measured";
    return `within ${showDuration(report.timeToTargetMs)} of the start, by whole minutes${measured}`;
  }
  return hasNeverBegun(report) ? "" : "not yet";
}

function showWorst(report: ComplianceReport): string {
  const { worstMinute } = report;
  if (worstMinute?.drawWatts === undefined) {
    return "";
  }
  const { drawWatts, targetWatts, timeMs } = worstMinute;
  const distance = Math.abs(drawWatts - targetWatts);
  const side = drawWatts > targetWatts ? "over" : "below";
  return `${showWatts(drawWatts)} at ${showTimeOfDay(timeMs)}, ${showWatts(distance)} ${side} the target (${heldPart(report)})`;
}

/** Neither counts the ramp: a minute or a measurement that it reaches into may show more. */
function heldPart({ curtailment }: ComplianceReport): string {
  return curtailment?.rampMs === 0 ? "wholly after the start" : "wholly after the ramp";
}

function showWorstSecond(report: ComplianceReport): string {
  const { worstSecondWatts, worstMinute } = report;
  if (worstSecondWatts === undefined) {
    return "";
  }
  return worstSecondWatts === worstMinute?.drawWatts
    ? `${showWatts(worstSecondWatts)} at least, as the worst minute: no measurement ${heldPart(report)} was higher`
    : `${showWatts(worstSecondWatts)} in one measurement (${heldPart(report)})`;
}

/** Which floors it gave up, and how many jobs have lost more than their tier tolerates for it. */
function showTaken({ curtailment, jobs }: ComplianceReport): string {
  const floors = curtailment === undefined ? "" : showGivenUp(curtailment);
  const beyond = jobs.filter((job) => job.isFloorGivenUp && beyondPermille(job) > 0);
  const jobsBeyond = beyond.length === 1 ? "1 job" : `${showCount(beyond.length)} jobs`;
  return floors === "" ? "" : `${floors}; ${jobsBeyond} lost more than the tier tolerates`;
}

/** Beside what became of the target: the promise to the owners of jobs, and what came between that goes before it. */
function showBroken(
  { tierBrokenCount }: ComplianceReport,
  emergencies: readonly Curtailment[] = [],
): string {
  if (tierBrokenCount === 0) {
    return "";
  }
  const jobs =
    tierBrokenCount === 1
      ? "1 job lost more than its tier allows"
      : `${showCount(tierBrokenCount)} jobs lost more than their tier allows`;
  const names = emergencies.map(({ id }) => `"${id}"`);
  const word = names.length === 1 ? "emergency" : "emergencies";
  return names.length === 0
    ? jobs
    : `${jobs}; ${word} ${names.join(", ")} came meanwhile, and what an emergency asks for goes first`;
}

/** What its recovery cost: no part of what tiers allow, which is for its own time. */
function showAfterEnd({ afterEndLostMs, afterEndCount, heldBackCount }: ComplianceReport): string {
  if (afterEndCount === 0 && heldBackCount === 0) {
    return "";
  }
  const word = afterEndCount === 1 ? "job" : "jobs";
  const held =
    heldBackCount === 0 ? "" : `; ${showCount(heldBackCount)} not back at full speed yet`;
  return `${showCount(afterEndCount)} ${word} lost ${showDuration(afterEndLostMs)} of full speed on the way back${held}`;
}

/** Whose report has the rest of what jobs lost meanwhile. */
function showForOthers({ forOthersIds }: ComplianceReport): string {
  const names = forOthersIds.map((id) => `"${id}"`);
  const last = names.pop() ?? "";
  const all = names.length === 0 ? last : `${names.join(", ")} and ${last}`;
  return last === ""
    ? ""
    : `a part of what jobs lost is for ${all}, which gave their floors up: tiers are not judged by it here`;
}

/** That nobody lost anything is an answer, too. */
function showNobody({ isFinal, minutes, jobs }: ComplianceReport): string {
  const isNobody = minutes.length > 0 && jobs.length === 0;
  return isNobody ? `none lost speed to it${isFinal ? "" : " so far"}` : "";
}

/** How a curtailment was kept, the verdict first. */
export function renderCompliance(
  report: ComplianceReport,
  view: PreviewView & { readonly emergencies?: readonly Curtailment[] },
): readonly string[] {
  const { style, nowMs } = view;
  const { curtailment } = report;
  const [tone, verdict] = showVerdict(report, nowMs);
  const mark = style.isUnicode ? { good: "✓ ", bad: "▲ ", warn: "○ " }[tone] : "";
  const broken = showBroken(report, view.emergencies);
  const cross = style.isUnicode ? "✗ " : "";
  const state = toStateCell(curtailment?.state ?? CurtailmentState.UNSPECIFIED, style.isUnicode);
  const affected = groupAffected(report.jobs, style.isUnicode).slice(0, mostJobs);
  const lossTitle = report.isFinal ? "LOST" : "LOST SO FAR";
  const hidden = report.jobs.length - affected.reduce((sum, { all }) => sum + all.length, 0);
  return [
    paint(style, tone, `${mark}${verdict}`),
    ...(broken === "" ? [] : [paint(style, "bad", `${cross}${broken}`)]),
    ...renderFields(
      [
        {
          name: "curtailment",
          text: `${curtailment?.id ?? ""} on ${curtailment?.domainId ?? ""}, ${showMode(curtailment?.mode ?? 0)}`,
        },
        { name: "state", text: state.text, tone: state.tone },
        { name: "target", text: curtailment === undefined ? "" : showTarget(curtailment) },
        { name: "given up", text: showTaken(report) },
        { name: "when", text: curtailment === undefined ? "" : showWindow(curtailment, nowMs) },
        { name: "reached", text: showReached(report, nowMs) },
        { name: "worst minute", text: showWorst(report) },
        { name: "worst second", text: showWorstSecond(report) },
        {
          name: "unmeasured",
          text:
            report.unmeasuredMinuteCount === 0
              ? ""
              : `${showCount(report.unmeasuredMinuteCount)} of ${showCount(report.minutes.length)} minutes`,
        },
        {
          name: "energy",
          // What nobody measured is in none of the energies.
          text:
            report.drawnJoules === 0n
              ? ""
              : `${showEnergy(report.drawnJoules)} drawn, ${showEnergy(report.unusedJoules)} of the allowed not used, ${showEnergy(report.avoidedJoules)} below the baseline${measuredPart(report, nowMs)}`,
        },
        { name: "jobs", text: showNobody(report) },
        { name: "for others", text: showForOthers(report) },
        { name: "after the end", text: showAfterEnd(report) },
        { name: "reason", text: toPrintable(curtailment?.reason ?? "") },
      ],
      style,
    ),
    ...(report.minutes.length === 0 ? [] : ["", ...renderMinutes(report, view)]),
    ...(affected.length === 0
      ? []
      : [
          "",
          ...renderTable(
            affected,
            createAffectedColumns(affected, style.isUnicode, lossTitle),
            style,
            { hasHeaders: view.hasHeaders, isWide: false },
          ),
        ]),
    ...(hidden > 0 ? [`and ${showCount(hidden)} more (-o json shows them)`] : []),
  ];
}

/** One line a whole minute, for a spreadsheet: instants in UTC, watts as whole numbers. */
export function toCsv(report: ComplianceReport, nowMs: number): string {
  const whole = report.minutes.filter((minute) => isWhole(minute, report, nowMs));
  const rows = whole.map((minute) => {
    const { timeMs, drawWatts, targetWatts } = minute;
    const time = new Date(timeMs).toISOString();
    return [time, drawWatts ?? "", targetWatts, isOver(minute) ? 1 : 0].join(",");
  });
  return ["minute_utc,draw_watts,target_watts,is_over", ...rows, ""].join("\n");
}

/** One line a job, those that lost most first: thousandths of full throughput, and whether its tier was broken. */
export function toJobsCsv({ jobs }: ComplianceReport): string {
  const rows = jobs.map((job) =>
    [
      job.jobId,
      job.lossPermille,
      job.flexibilityTierPercent,
      job.isFloorGivenUp ? 1 : 0,
      job.isTierBroken ? 1 : 0,
      job.forOthersPermille,
      job.afterEndLostMs,
    ].join(","),
  );
  const header =
    "job,loss_permille,tier_percent,is_floor_given_up,is_tier_broken,for_others_permille,after_end_lost_ms";
  return [header, ...rows, ""].join("\n");
}
