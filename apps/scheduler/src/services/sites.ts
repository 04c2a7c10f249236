import type { EngineState } from "@ertis/scheduler-engine";
import { invalidField, Refusal } from "../mapping/refusal.ts";
import { quoted } from "../mapping/violation.ts";

/** The site a request means: the named one, the one of its domain, or the only one. */
export function resolveSite(
  state: EngineState,
  { site, domainId }: { readonly site: string; readonly domainId: string },
): string | Refusal {
  const ids = [...state.sites.keys()];
  const ofDomain = domainId.split("/", 1)[0] ?? "";
  if (site !== "" && domainId !== "" && ofDomain !== site) {
    return invalidField(
      "domain_id",
      `found ${quoted(domainId)}, which is not of site ${quoted(site)}; leave one of them out`,
    );
  }
  const named = site === "" ? ofDomain : site;
  if (named !== "") {
    return state.sites.has(named)
      ? named
      : new Refusal(
          site === "" ? "UNKNOWN_DOMAIN" : "UNKNOWN_SITE",
          `site ${quoted(named)} is not known; known are ${ids.join(", ")}`,
        );
  }
  const [only] = ids;
  return only !== undefined && ids.length === 1
    ? only
    : invalidField("site", `is empty, and there are ${ids.length}; name one of ${ids.join(", ")}`);
}
