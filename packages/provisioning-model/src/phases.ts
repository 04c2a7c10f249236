import { parseSite, type Site } from "@ertis/site-model";
import type { FileText } from "./site-draft.ts";

/**
 * The phase that builds each hall; halls without one are left out. The site file is expanded once per
 * phase, so this is only done when somebody asks.
 */
export function hallPhases(siteFile: FileText, site: Site): ReadonlyMap<string, string> {
  const phases = new Map<string, string>();
  const seen = new Set<string>();
  for (let count = 0; count <= site.phases.length; count += 1) {
    const part = parseSite({ ...siteFile, phases: count });
    const domains = part.kind === "site" ? part.site.domains : [];
    const phase = site.phases[count - 1];
    for (const { id, kind } of domains) {
      if (kind === "hall" && !seen.has(id)) {
        seen.add(id);
        if (phase !== undefined) {
          phases.set(id, phase);
        }
      }
    }
  }
  return phases;
}
