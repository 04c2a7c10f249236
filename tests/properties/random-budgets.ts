import { toNumber } from "@ertis/quantities";
import { parseSite } from "@ertis/site-model";
import * as fc from "fast-check";
import { epochMs } from "./drive.ts";
import type { RandomSite } from "./random-site.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

interface BudgetDraft {
  readonly domainPick: number;
  /** Of the usable limit of the domain. */
  readonly percent: number;
  readonly fromMinutes: number;
  readonly lengthMinutes: number;
  /** Comes again every day. */
  readonly isDaily: boolean;
}

const draft: fc.Arbitrary<BudgetDraft> = fc.record({
  domainPick: fc.nat({ max: 1000 }),
  percent: fc.constantFrom(50, 70, 85, 95),
  fromMinutes: fc.constantFrom(-60, 7, 40, 90, 200),
  lengthMinutes: fc.constantFrom(20, 60, 300),
  isDaily: fc.boolean(),
});

/** The same sites with budgets in their files; one that the site could not keep is left out. */
export function withBudgets<Sites extends readonly RandomSite[]>(
  sites: fc.Arbitrary<Sites>,
): fc.Arbitrary<readonly RandomSite[]> {
  return fc
    .tuple(sites, fc.array(draft, { minLength: 1, maxLength: 3 }))
    .map(([all, drafts]) => all.map((site) => drafts.reduce(withOne, site)));
}

function withOne(site: RandomSite, one: BudgetDraft, index: number): RandomSite {
  const before = parsed(site.text);
  const domain = before?.domains[one.domainPick % before.domains.length];
  if (domain === undefined) {
    return site;
  }
  const path = domain.id.split("/").slice(1).join("/");
  const fromMs = epochMs + one.fromMinutes * minuteMs;
  const untilMs = fromMs + (one.isDaily ? 400 * dayMs : one.lengthMinutes * minuteMs);
  const line = [
    `  - {name: known-${index}`,
    ...(path === "" ? [] : [`domain: ${path}`]),
    `ceiling: ${Math.floor((toNumber(domain.usableWatts) * one.percent) / 100)} W`,
    `from: ${momentText(fromMs)}`,
    `until: ${momentText(untilMs)}`,
    ...(one.isDaily ? [`every: {hours: ${hoursText(fromMs, one)}, utcOffset: "+00:00"}`] : []),
    "reason: known ahead",
    "source: assumption}",
  ].join(", ");
  const text = site.text.includes("\nbudgets:\n")
    ? site.text.replace("\nbudgets:\n", `\nbudgets:\n${line}\n`)
    : site.text.replace("\nfeed:\n", `\nbudgets:\n${line}\nfeed:\n`);
  return parsed(text) === undefined ? site : { ...site, text };
}

function parsed(
  text: string,
): Extract<ReturnType<typeof parseSite>, { kind: "site" }>["site"] | undefined {
  const result = parseSite({ file: "random.yaml", text, phases: "built" });
  return result.kind === "site" ? result.site : undefined;
}

function momentText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function hoursText(fromMs: number, { lengthMinutes }: BudgetDraft): string {
  const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
  return `"${clock(fromMs)}..${clock(fromMs + lengthMinutes * minuteMs)}"`;
}
