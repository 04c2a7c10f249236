import { readFileSync } from "node:fs";
import path from "node:path";
import type { SitePlan } from "../plan.ts";
import { repositoryDirectory } from "./load-plans.ts";

/** A site file as it is written: the server reads the same text, and a plan keeps only what it means. */
export interface PlanText {
  readonly siteId: string;
  readonly text: string;
}

/** The site files behind plans that `loadPlans` read, in the order of the plans. */
export function loadSiteTexts(plans: readonly SitePlan[]): readonly PlanText[] {
  return plans.map(({ site }) => {
    const file = site.domains[0]?.source.file ?? "";
    return {
      siteId: site.id,
      text: readFileSync(path.resolve(repositoryDirectory, file), "utf8"),
    };
  });
}
