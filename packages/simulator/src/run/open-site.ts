import { parseSite, type Site, type SiteFileError } from "@ertis/site-model";

export type OpenedSite =
  | { readonly kind: "site"; readonly site: Site }
  | { readonly kind: "errors"; readonly errors: readonly SiteFileError[] };

export function openSite(file: string, text: string): OpenedSite {
  return parseSite({ file, text, phases: "built" });
}
