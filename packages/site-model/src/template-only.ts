import type { DomainBody } from "./declaration.ts";
import type { Place } from "./reader/index.ts";

/** A block that says nothing but which template it is. */
export function templateOnly(templateName: string, at: Place): DomainBody {
  return {
    at,
    template: { value: templateName, at },
    supplies: undefined,
    redundancy: undefined,
    derating: undefined,
    loadFactor: undefined,
    fixed: undefined,
    networkPerNode: undefined,
    ramp: undefined,
    children: new Map(),
    nodes: undefined,
  };
}

/** True when the block adds nothing to its template, so that both are one and the same plan. */
export function isTemplateOnly(body: DomainBody): boolean {
  return (
    body.template !== undefined &&
    body.children.size === 0 &&
    [
      body.supplies,
      body.redundancy,
      body.derating,
      body.loadFactor,
      body.fixed,
      body.networkPerNode,
      body.ramp,
      body.nodes,
    ].every((field) => field === undefined)
  );
}
