import type { DomainKind, PowerDomain, Site } from "@ertis/site-model";
import type { Problems } from "@ertis/site-model/reader";

/** A row is `r03`, a rack `k07`: `r` is taken by the row. */
const letters: Readonly<Record<DomainKind, string>> = {
  feed: "",
  substation: "s",
  hall: "h",
  row: "r",
  rack: "k",
};

export const nodeLetter = "n";

/** The last part of a path: `hall-2` of `pavlodar-hub/substation-1/hall-2`. */
export function lastPart(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}

/** The digits a name ends in, zeros kept: `03` of `row-03`. */
function trailingDigits(id: string): string | undefined {
  return /\d+$/.exec(lastPart(id))?.[0];
}

/** Name of what is under `parent` by the number of `id`: `…-h2` for `…/hall-2`. */
export function nameUnder(parent: string, letter: string, id: string): string {
  return `${parent}-${letter}${trailingDigits(id) ?? ""}`;
}

/**
 * A short name for every domain, from the numbers its path ends in, indexed like `site.domains`. Domains
 * without a number and two domains of one short name are reported in the site file.
 */
export function shortNames(site: Site, problems: Problems): readonly string[] {
  const names: string[] = [];
  const firstOf = new Map<string, PowerDomain>();
  for (const domain of site.domains) {
    const { id, kind, parentIndex, index, source } = domain;
    const name = parentIndex < 0 ? site.id : nameUnder(names[parentIndex] ?? "", letters[kind], id);
    const at = { line: source.line, column: 1, path: id };
    if (parentIndex >= 0 && trailingDigits(id) === undefined) {
      problems.add(
        at,
        `"${lastPart(id)}" has no number at its end, by which hosts and clusters are named: call it for example ${kind}-1`,
      );
    }
    const first = firstOf.get(name);
    if (first === undefined) {
      firstOf.set(name, domain);
    } else {
      problems.add(
        at,
        `${first.id} and ${id} would both be "${name}": give one of them another number at its end`,
      );
    }
    names[index] = name;
  }
  return names;
}
