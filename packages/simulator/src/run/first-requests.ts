import { instant, watts } from "@ertis/quantities";
import type { Request } from "../control/controller.ts";
import type { SimulationInput } from "./simulation-input.ts";

/** The site, who shares it, and the budget of the whole run where there is one. */
export function firstRequests(
  { site, siteFile, siteText, feedBudgetWatts, accounts = [] }: SimulationInput,
  startMs: number,
): readonly Request[] {
  const register: Request = {
    kind: "register-site",
    site: site.id,
    file: siteFile,
    text: siteText,
    phases: "built",
  };
  const first: readonly Request[] =
    accounts.length === 0
      ? [register]
      : [register, { kind: "set-accounts", by: "simulator", accounts }];
  if (feedBudgetWatts === undefined) {
    return first;
  }
  const budget: Request = {
    kind: "set-budget",
    budget: {
      id: "run",
      site: site.id,
      domain: site.domains[0]?.id ?? "",
      ceiling: watts(feedBudgetWatts),
      from: instant(startMs),
      reason: "the budget of the run",
      setBy: "simulator",
    },
  };
  return [...first, budget];
}
