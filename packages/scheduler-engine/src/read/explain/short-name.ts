import type { PowerBlock } from "./power-block.ts";

/** Without the site, which a reader knows; the feed is called by its site. */
export function shortDomain(domain: string): string {
  return shortName({ domain, supply: undefined });
}

/** The same of a supply, with what has failed. */
export function shortName({ domain, supply }: Pick<PowerBlock, "domain" | "supply">): string {
  const slash = domain.indexOf("/");
  const name = slash < 0 ? domain : domain.slice(slash + 1);
  if (supply === undefined) {
    return name;
  }
  const after = supply.failed === undefined ? "" : ` after a failure of ${supply.failed}`;
  return `${supply.name} of ${name}${after}`;
}
