import { DomainKind, type PowerDomain } from "@ertis/api";

/** One domain and the lines that join it to the one above. */
export interface Branch {
  readonly domain: PowerDomain;
  /** `│  ├─ ` before the name. */
  readonly prefix: string;
  /** `│  │  ` before notes below it. */
  readonly notePrefix: string;
  readonly hiddenCount: number;
  /** Watts that may be added here: no more than any domain above leaves. */
  readonly freeWatts: number;
}

export interface Rails {
  readonly middle: string;
  readonly last: string;
  readonly pass: string;
  readonly blank: string;
}

export const unicodeRails: Rails = { middle: "├─ ", last: "└─ ", pass: "│  ", blank: "   " };
export const asciiRails: Rails = { middle: "|- ", last: "`- ", pass: "|  ", blank: "   " };

/** Domains with their rails, parents before children; children keep the order they came in. */
export function toBranches(domains: readonly PowerDomain[], rails: Rails): readonly Branch[] {
  const ids = new Set(domains.map(({ id }) => id));
  const children = new Map<string, PowerDomain[]>();
  const roots: PowerDomain[] = [];
  for (const domain of domains) {
    const siblings = ids.has(domain.parentId) ? children.get(domain.parentId) : roots;
    if (siblings === undefined) {
      children.set(domain.parentId, [domain]);
    } else {
      siblings.push(domain);
    }
  }
  const branches: Branch[] = [];
  // A stack, not recursion: what the server sends decides how deep it goes.
  const stack = roots
    .map((domain) => ({ domain, prefix: "", below: "", aboveWatts: Infinity }))
    .toReversed();
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { domain, prefix, below, aboveWatts } = top;
    const own = children.get(domain.id) ?? [];
    const notePrefix = below + (own.length > 0 ? rails.pass : rails.blank);
    const hiddenCount = Math.max(0, domain.childCount - own.length);
    const freeWatts = Math.min(domain.freeWatts, aboveWatts);
    branches.push({ domain, prefix, notePrefix, hiddenCount, freeWatts });
    const next = own.map((child, index) => ({
      domain: child,
      prefix: below + (index === own.length - 1 ? rails.last : rails.middle),
      below: below + (index === own.length - 1 ? rails.blank : rails.pass),
      aboveWatts: freeWatts,
    }));
    stack.push(...next.toReversed());
  }
  return branches;
}

/** What domains of a kind consist of in every site. */
const childWords: ReadonlyMap<DomainKind, string> = new Map([
  [DomainKind.FEED, "substation"],
  [DomainKind.SUBSTATION, "hall"],
  [DomainKind.HALL, "row"],
  [DomainKind.ROW, "rack"],
]);

/** Last part of the path, with the kind where the name does not say it. */
export function showName(branch: Branch): string {
  const { id } = branch.domain;
  const name = branch.prefix === "" ? id : id.slice(id.lastIndexOf("/") + 1);
  const { hiddenCount } = branch;
  if (hiddenCount === 0) {
    return name;
  }
  const word = childWords.get(branch.domain.kind) ?? "part";
  return `${name} (${hiddenCount} ${word}${hiddenCount === 1 ? "" : "s"})`;
}
