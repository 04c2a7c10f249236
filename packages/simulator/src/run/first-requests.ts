import { instant, watts } from "@ertis/quantities";
import type { Request } from "../control/controller.ts";
import type { SimulationInput } from "./simulation.ts";

/** The site, and the budget of the whole run where there is one. */
export function firstRequests(
  { site, siteFile, siteText, feedBudgetWatts }: SimulationInput,
  startMs: number,
): readonly Request[] {
  const register: Request = {
    kind: "register-site",
    site: site.id,
    file: siteFile,
    text: siteText,
    phases: "built",
  };
  if (feedBudgetWatts === undefined) {
    return [register];
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
  return [register, budget];
}
