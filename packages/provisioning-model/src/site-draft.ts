import { parseSite, type Site, type SiteFileError } from "@ertis/site-model";
import { didYouMean, Problems, readDocument } from "@ertis/site-model/reader";
import type { ProvisioningDeclaration } from "./declaration.ts";
import { fileForm } from "./file-form.ts";
import { type HallLayout, hallLayouts } from "./hall-layout.ts";
import { shortNames } from "./naming.ts";
import { readProvisioning } from "./read-provisioning.ts";

export interface FileText {
  /** For messages; nothing is read from it. */
  readonly file: string;
  readonly text: string;
}

/** A site whose two files could be read; its fields may still have mistakes. */
export interface SiteDraft {
  readonly site: Site;
  readonly siteFile: FileText;
  readonly shortNames: readonly string[];
  readonly layouts: readonly HallLayout[];
  /** Indexes of the domains that the built phases have. */
  readonly builtDomains: ReadonlySet<number>;
  readonly declaration: ProvisioningDeclaration;
  /** Of the site file and of the provisioning file. */
  readonly siteProblems: Problems;
  readonly problems: Problems;
}

export type DraftResult =
  | { readonly kind: "draft"; readonly draft: SiteDraft }
  | { readonly kind: "errors"; readonly errors: readonly SiteFileError[] };

/** Reads both files of a site. Their mistakes come together. */
export function draftSite(siteFile: FileText, provisioningFile: FileText): DraftResult {
  const whole = parseSite({ ...siteFile, phases: "all" });
  const problems = new Problems(provisioningFile.file, fileForm);
  const document = readDocument(provisioningFile.text, problems);
  const declaration = document === undefined ? undefined : readProvisioning(problems, document);
  if (whole.kind === "errors" || declaration === undefined) {
    const siteErrors = whole.kind === "errors" ? whole.errors : [];
    return { kind: "errors", errors: [...siteErrors, ...problems.sorted()] };
  }
  const { site } = whole;
  const { siteId } = declaration;
  if (siteId !== undefined && siteId.value !== site.id) {
    problems.add(
      siteId.at,
      `site "${siteId.value}", but ${siteFile.file} describes "${site.id}"${didYouMean(siteId.value, [site.id])}: both files of a site name the same`,
    );
  }
  const built = parseSite({ ...siteFile, phases: "built" });
  const builtIds = new Set((built.kind === "site" ? built.site.domains : []).map(({ id }) => id));
  const siteProblems = new Problems(siteFile.file, fileForm);
  const draft: SiteDraft = {
    site,
    siteFile,
    shortNames: shortNames(site, siteProblems),
    layouts: hallLayouts(site),
    builtDomains: new Set(
      site.domains.filter(({ id }) => builtIds.has(id)).map(({ index }) => index),
    ),
    declaration,
    siteProblems,
    problems,
  };
  return { kind: "draft", draft };
}
