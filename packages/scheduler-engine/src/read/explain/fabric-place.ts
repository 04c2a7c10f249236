import type { SiteState } from "../../state/site-state.ts";

/** Where a gang lies in the network of its site. */
export interface FabricPlace {
  /** For example `leaf`. */
  readonly level: string;
  /** For example `leaf-03`. */
  readonly domain: string;
}

/**
 * The smallest switch or NVLink domain that holds all of these nodes; undefined when none does, or the site
 * file describes no network.
 */
export function fabricPlace(
  { site }: SiteState,
  nodes: readonly number[],
): FabricPlace | undefined {
  for (const level of site.fabric) {
    for (const { name, nodes: members } of level.domains) {
      const own = new Set(members);
      if (nodes.length > 0 && nodes.every((node) => own.has(node))) {
        return { level: level.name, domain: name };
      }
    }
  }
  return undefined;
}
