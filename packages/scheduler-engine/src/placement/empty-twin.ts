import { refreshNode } from "../power/ledger.ts";
import { createSiteState } from "../state/create-site-state.ts";
import type { SiteState } from "../state/site-state.ts";

/** Made once a site, since only its file changes it. */
const twins = new WeakMap<SiteState, SiteState>();

/**
 * The same site with nothing running, every node well and no horizon of its own: to ask what could
 * ever fit. A cache beside the state; whoever uses it brings a ledger and leaves the twin as it was.
 */
export function emptyTwin(site: SiteState): SiteState {
  let twin = twins.get(site);
  if (twin === undefined) {
    twin = createSiteState(site.site, site.registration);
    for (let node = 0; node < twin.nodeFlags.length; node += 1) {
      refreshNode(twin, node);
    }
    twins.set(site, twin);
  }
  return twin;
}
