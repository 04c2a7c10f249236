import type { SiteFileError } from "@ertis/site-model";
import type { SitePlan } from "./plan.ts";
import type { FileText } from "./site-draft.ts";

/** The files of one site. */
export interface SiteFiles {
  readonly siteFile: FileText;
  readonly provisioningFile: FileText;
  readonly deliveries: readonly FileText[];
}

export type ParsePlansResult =
  | { readonly kind: "plans"; readonly plans: readonly SitePlan[] }
  | { readonly kind: "errors"; readonly errors: readonly SiteFileError[] };
