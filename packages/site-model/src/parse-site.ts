import { checkStarts } from "./budgets/check-starts.ts";
import { checkBudgets, placeBudgets } from "./budgets/place-budgets.ts";
import { reportCycles } from "./cycles.ts";
import type { Phase, SiteDeclaration } from "./declaration.ts";
import { expand, type Expansion } from "./expand.ts";
import { keepStanding, placeFabric } from "./fabric/place-fabric.ts";
import { type Plan, Planner } from "./plan.ts";
import { checkSize } from "./prove.ts";
import { Problems, readDocument, topOfFile } from "./reader/index.ts";
import { readSite } from "./read-site.ts";
import { reportReferences } from "./references.ts";
import { revisionOf } from "./revision.ts";
import type { FabricLevel, ParseSiteResult, Site } from "./site.ts";
import { siteForm } from "./site-form.ts";

/** Which phases an expansion includes: those marked built, all, or the first so many. */
export type PhaseChoice = "built" | "all" | number;

export interface SiteText {
  /** Name of the file, for messages only; nothing is read from it. */
  readonly file: string;
  readonly text: string;
  /** "built" when not given. */
  readonly phases?: PhaseChoice;
  /** A log holds it: it is read again, though a limit that came later would refuse it today. */
  readonly wasAccepted?: boolean;
}

/**
 * Reads, proves and expands a site file. The whole file is proved, with all of its phases, whichever
 * of them are asked for. Pure: the caller reads the file.
 */
export function parseSite({
  file,
  text,
  phases = "built",
  wasAccepted = false,
}: SiteText): ParseSiteResult {
  const problems = new Problems(file, siteForm);
  const document = readDocument(text, problems);
  const declaration = document === undefined ? undefined : readSite(problems, document);
  if (declaration !== undefined && !wasAccepted) {
    checkStarts(problems, declaration.budgets);
  }
  const site = declaration === undefined ? undefined : planAndExpand(declaration, problems, phases);
  return site === undefined || problems.count > 0
    ? { kind: "errors", errors: problems.sorted() }
    : { kind: "site", site };
}

function planAndExpand(
  declaration: SiteDeclaration,
  problems: Problems,
  choice: PhaseChoice,
): Site | undefined {
  reportReferences(problems, declaration);
  reportCycles(problems, declaration);
  const whole = planOf(declaration, problems, declaration.phases);
  if (whole !== undefined) {
    checkSize(problems, declaration.id, whole, declaration.feed.at);
    checkBudgets(problems, declaration.budgets, whole);
  }
  const chosen = choosePhases(declaration.phases, choice);
  if (chosen === undefined) {
    problems.add(
      { ...topOfFile, path: "phases" },
      `asked for the first ${choice} phases, but the file has ${declaration.phases.length}: ask for a whole number up to that, "built" or "all"`,
    );
  }
  if (problems.count > 0 || chosen === undefined) {
    return undefined;
  }
  const feed = planOf(declaration, problems, chosen);
  if (feed === undefined) {
    return undefined;
  }
  const { id, title, nodeClasses, curves } = declaration;
  const phases = chosen.map((phase) => phase.name);
  const expansion = expand(feed, { siteId: id, file: problems.file, phases });
  const fabric = fabricOf(declaration, problems, { whole, standing: expansion });
  const site = {
    id,
    title,
    nodeClasses,
    curves,
    budgets: placeBudgets(declaration.budgets, expansion.domains, {
      siteId: id,
      file: problems.file,
    }),
    fabric,
    phases,
    ...expansion,
  };
  return { ...site, revision: revisionOf(site) };
}

function fabricOf(
  { id, fabric, phases }: SiteDeclaration,
  problems: Problems,
  { whole, standing }: { readonly whole: Plan | undefined; readonly standing: Expansion },
): readonly FabricLevel[] {
  if (fabric.length === 0 || whole === undefined) {
    return [];
  }
  const names = { siteId: id, file: problems.file, phases: phases.map((phase) => phase.name) };
  const expanded = expand(whole, names);
  const placed = placeFabric(problems, fabric, { siteId: id, whole: expanded });
  return problems.count > 0 ? [] : keepStanding(placed, expanded.nodes, standing.nodes);
}

function planOf(
  declaration: SiteDeclaration,
  problems: Problems,
  phases: readonly Phase[],
): Plan | undefined {
  const names = new Set(phases.map((phase) => phase.name));
  return new Planner(declaration, problems, names).plan(declaration.feed, "feed");
}

function choosePhases(phases: readonly Phase[], choice: PhaseChoice): readonly Phase[] | undefined {
  if (choice === "all") {
    return phases;
  }
  if (choice === "built") {
    return phases.filter((phase) => phase.isBuilt);
  }
  return Number.isInteger(choice) && choice >= 0 && choice <= phases.length
    ? phases.slice(0, choice)
    : undefined;
}
