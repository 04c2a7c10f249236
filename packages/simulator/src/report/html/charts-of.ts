import type { Line } from "../line.ts";
import type { DomainOutcome, Outcome } from "../outcome.ts";
import { concerns } from "../marks.ts";
import type { RampOutcome } from "../ramp-outcome.ts";
import { countText, numberText, wattsText } from "../../words/words.ts";
import type { Chart, ChartLine } from "./chart.ts";

/** A chart for each of the runs that are shown side by side. */
export type ChartRow = readonly Chart[];

export interface ChartGroup {
  readonly title: string;
  readonly note: string;
  readonly rows: readonly ChartRow[];
}

type Column = readonly (number | undefined)[];

/** The plots of one run, or of two beside each other with the same scales. */
export function chartsOf(outcomes: readonly Outcome[]): readonly ChartGroup[] {
  const feed = outcomes[0]?.domains[0];
  const below = outcomes[0]?.domains.slice(1) ?? [];
  return [
    {
      title: "Power",
      note: "What was drawn, and the most that could have been drawn (bounds in force), beside limits, budgets and targets.",
      rows: [
        ...(feed === undefined ? [] : [powerRow(outcomes, 0, "Feed")]),
        ...below.map((_, at) => powerRow(outcomes, at + 1)),
      ],
    },
    {
      title: "Queue",
      note: "Jobs that wait, GPUs that work and those that are waited for.",
      rows: [
        siteRow(outcomes, {
          title: "Waiting jobs",
          note: "longest queue of each stretch of time",
          parts: [{ name: "waiting jobs", column: "queuedJobs", tone: "other", form: "area" }],
        }),
        // A long queue asks for many times what there is: each has a scale of its own.
        siteRow(outcomes, {
          title: "GPUs held",
          note: "by jobs that run",
          parts: [{ name: "held", column: "runningGpus", tone: "draw", form: "area" }],
        }),
        siteRow(outcomes, {
          title: "GPUs asked for",
          note: "by jobs that wait",
          parts: [{ name: "asked for", column: "queuedGpus", tone: "budget", form: "line" }],
        }),
      ],
    },
    {
      title: "Losses and ramps",
      note: "What caps, missing nodes and saving cost, in GPUs' worth of full speed; how fast the feed's mean draw changes.",
      rows: [
        siteRow(outcomes, {
          title: "Speed lost",
          note: "GPUs' worth of full speed",
          parts: [{ name: "lost", column: "lostGpus", tone: "loss", form: "area" }],
        }),
        ...(outcomes[0]?.ramps ?? []).map((_, at) => rampRow(outcomes, at)),
      ],
    },
  ];
}

function powerRow(outcomes: readonly Outcome[], at: number, title?: string): ChartRow {
  const domains = outcomes.map(({ domains: all }) => all[at]);
  const highest = Math.max(...domains.map((domain) => highestOf(domain)));
  const spanMs = longestMs(outcomes);
  return outcomes.map((outcome, run) => {
    const domain = domains[run];
    return {
      title: title ?? domain?.id ?? "",
      note: domain === undefined ? "" : noteOf(domain),
      lines: domain === undefined ? [] : powerLines(domain),
      marks: outcome.marks.filter((mark) => concerns(mark, domain?.id ?? "")),
      timesMs: outcome.timesMs,
      untilMs: outcome.endMs,
      axisUntilMs: outcome.startMs + spanMs,
      highest,
      valueText: wattsText,
    };
  });
}

function noteOf({ limitWatts, peakShare }: DomainOutcome): string {
  return `limit ${wattsText(limitWatts)}, highest bound ${(peakShare * 100).toFixed(1)} % of it`;
}

function powerLines(domain: DomainOutcome): readonly ChartLine[] {
  const of = (name: string): Line | undefined => domain.lines.find((line) => line.name === name);
  return [
    { name: "drawn, mean", values: of("draw")?.means ?? [], tone: "draw", form: "area" },
    { name: "bounds in force", values: of("bound")?.maxima ?? [], tone: "bound", form: "line" },
    { name: "limit", values: of("limit")?.means ?? [], tone: "limit", form: "dashes" },
    {
      name: "budget, emergency",
      values: of("budget")?.means ?? [],
      tone: "budget",
      form: "dashes",
    },
    { name: "target, planned", values: of("target")?.means ?? [], tone: "target", form: "dashes" },
  ];
}

function highestOf(domain: DomainOutcome | undefined): number {
  return Math.max(0, ...powerLines(domain ?? empty).map(({ values }) => largest(values)));
}

const empty: DomainOutcome = { id: "", limitWatts: 0, peakShare: 0, lines: [] };

interface SiteChart {
  readonly title: string;
  readonly note: string;
  readonly parts: readonly {
    readonly name: string;
    readonly column: string;
    readonly tone: ChartLine["tone"];
    readonly form: ChartLine["form"];
  }[];
}

function plainText(value: number): string {
  return Number.isInteger(value) ? countText(value) : numberText(value);
}

function siteRow(outcomes: readonly Outcome[], chart: SiteChart): ChartRow {
  const linesOf = (outcome: Outcome): readonly ChartLine[] =>
    chart.parts.map(({ name, column, tone, form }) => ({
      name,
      values: (outcome.lines.find((line) => line.name === column)?.maxima ?? []).map((value) =>
        value === undefined ? undefined : Math.max(0, value),
      ),
      tone,
      form,
    }));
  const all = outcomes.map(linesOf);
  const highest = Math.max(0, ...all.flat().map(({ values }) => largest(values)));
  const spanMs = longestMs(outcomes);
  return outcomes.map((outcome, run) => ({
    title: chart.title,
    note: chart.note,
    lines: all[run] ?? [],
    marks: outcome.marks,
    timesMs: outcome.timesMs,
    untilMs: outcome.endMs,
    axisUntilMs: outcome.startMs + spanMs,
    highest,
    valueText: plainText,
  }));
}

/** How fast the mean draw of a domain changes, beside its limit. */
function rampRow(outcomes: readonly Outcome[], at: number): ChartRow {
  const shown = outcomes.map(({ ramps }) => ramps[at]);
  const linesOf = (ramp: RampOutcome | undefined, count: number): readonly ChartLine[] => {
    const of = (name: string): Column =>
      ramp?.lines.find((line) => line.name === name)?.maxima ?? [];
    const limit = ramp?.limitWatts;
    return [
      { name: "up", values: of("up"), tone: "bound", form: "line" },
      { name: "down", values: of("down"), tone: "other", form: "line" },
      {
        name: "limit",
        values: limit === undefined ? [] : Array.from({ length: count }, () => limit),
        tone: "limit",
        form: "dashes",
      },
    ];
  };
  const all = outcomes.map(({ timesMs }, run) => linesOf(shown[run], timesMs.length));
  const highest = Math.max(0, ...all.flat().map(({ values }) => largest(values)));
  const spanMs = longestMs(outcomes);
  return outcomes.map((outcome, run) => ({
    title: `Ramp at ${shown[run]?.id ?? ""}`,
    note: rampNote(shown[run]),
    lines: all[run] ?? [],
    marks: outcome.marks.filter((mark) => concerns(mark, shown[run]?.id ?? "")),
    timesMs: outcome.timesMs,
    untilMs: outcome.endMs,
    axisUntilMs: outcome.startMs + spanMs,
    highest,
    valueText: wattsText,
  }));
}

function rampNote(ramp: RampOutcome | undefined): string {
  const [per = 0, over = 0] = [ramp?.perMs, ramp?.windowMs].map((ms = 0) => ms / 1_000);
  return `change of the mean draw over ${over} s within ${per} s, either way`;
}

/** The same length of time for plots that stand side by side. */
function longestMs(outcomes: readonly Outcome[]): number {
  return Math.max(0, ...outcomes.map(({ startMs, endMs }) => endMs - startMs));
}

function largest(values: Column): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}
