import type { Site, SourceLine } from "@ertis/site-model";
import { didYouMean, listed, type Problems } from "@ertis/site-model/reader";
import type { OversubscriptionDeclaration, ProvisioningDeclaration } from "./declaration.ts";

export interface Oversubscription {
  readonly ratio: number;
  readonly source: SourceLine;
}

const mixed = -1;
const empty = -2;

/** Index of the one class that all nodes below a domain are of; `mixed` or `empty` when there is none. */
function onlyClasses(site: Site): readonly number[] {
  const only = site.domains.map(() => empty);
  const merge = (index: number, classIndex: number): void => {
    const before = only[index] ?? empty;
    if (classIndex !== empty && before !== classIndex) {
      only[index] = before === empty ? classIndex : mixed;
    }
  };
  for (const { domainIndex, classIndex } of site.nodes) {
    merge(domainIndex, classIndex);
  }
  for (const { index, parentIndex } of site.domains.toReversed()) {
    if (parentIndex >= 0) {
      merge(parentIndex, only[index] ?? empty);
    }
  }
  return only;
}

/** The declared ratio of every domain: that of its kind and class, else that of its kind, else 1. */
export function oversubscriptions(
  problems: Problems,
  site: Site,
  declaration: ProvisioningDeclaration,
): readonly Oversubscription[] {
  const declared = indexDeclarations(problems, site, declaration.oversubscription);
  const none: Oversubscription = {
    ratio: 1,
    source: problems.lineOf(declaration.oversubscriptionAt),
  };
  const only = onlyClasses(site);
  return site.domains.map(({ index, kind }) => {
    const className = site.nodeClasses[only[index] ?? empty]?.name;
    return (
      (className === undefined ? undefined : declared.get(`${kind} ${className}`)) ??
      declared.get(kind) ??
      none
    );
  });
}

function indexDeclarations(
  problems: Problems,
  site: Site,
  declared: readonly OversubscriptionDeclaration[],
): ReadonlyMap<string, Oversubscription> {
  const byKey = new Map<string, Oversubscription>();
  for (const { at, kind, nodeClass, ratio } of declared) {
    if (nodeClass !== undefined) {
      checkNodeClass(problems, site, nodeClass);
    }
    const key = nodeClass === undefined ? kind : `${kind} ${nodeClass.value}`;
    const first = byKey.get(key);
    if (first === undefined) {
      byKey.set(key, { ratio, source: problems.lineOf(at) });
    } else {
      problems.add(at, `a second ratio for ${key}, first on line ${first.source.line}: remove one`);
    }
  }
  return byKey;
}

export function checkNodeClass(
  problems: Problems,
  site: Site,
  { value, at }: NonNullable<OversubscriptionDeclaration["nodeClass"]>,
): void {
  const known = site.nodeClasses.map(({ name }) => name);
  if (!known.includes(value)) {
    problems.add(
      at,
      `unknown node class "${value}"${didYouMean(value, known)}: the site file has ${listed(known)}`,
    );
  }
}
