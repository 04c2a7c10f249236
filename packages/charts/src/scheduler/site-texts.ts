import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { SitePlan } from "@ertis/provisioning-model";
import type { SiteText } from "./server-configuration.ts";

const repositoryDirectory = resolve(import.meta.dirname, "../../../..");

/**
 * The site files behind plans that were loaded from files: the server reads the same text as we do, and a
 * plan keeps only what the text means. The one place of this package that reads anything.
 */
export function readSiteTexts(plans: readonly SitePlan[]): readonly SiteText[] {
  return plans.map(({ site }) => {
    const file = site.domains[0]?.source.file ?? "";
    return { siteId: site.id, text: readFileSync(resolve(repositoryDirectory, file), "utf8") };
  });
}
