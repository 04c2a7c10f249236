import type { DomainBody, Template } from "./declaration.ts";

/** A block with its templates filled in. */
export type Merged = DomainBody;

/**
 * Fills in what a block does not say from its template, and from that one's template. A list of
 * children replaces the template's list of the same kind. Undefined in a cycle or with an unknown
 * template, which are reported elsewhere.
 */
export function mergeTemplates(
  body: DomainBody,
  templates: ReadonlyMap<string, Template>,
): Merged | undefined {
  let merged: DomainBody = body;
  const seen = new Set<DomainBody>([body]);
  let next = body.template?.value;
  while (next !== undefined) {
    const base = templates.get(next)?.body;
    if (base === undefined || seen.has(base)) {
      return undefined;
    }
    seen.add(base);
    merged = fillIn(merged, base);
    next = base.template?.value;
  }
  return merged;
}

function fillIn(own: DomainBody, base: DomainBody): DomainBody {
  return {
    at: own.at,
    template: own.template,
    supplies: own.supplies ?? base.supplies,
    redundancy: own.redundancy ?? base.redundancy,
    derating: own.derating ?? base.derating,
    loadFactor: own.loadFactor ?? base.loadFactor,
    fixed: own.fixed ?? base.fixed,
    networkPerNode: own.networkPerNode ?? base.networkPerNode,
    ramp: own.ramp ?? base.ramp,
    children: new Map([...base.children, ...own.children]),
    nodes: own.nodes ?? base.nodes,
  };
}
