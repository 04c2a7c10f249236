import type { DomainBody, SiteDeclaration, Template } from "./declaration.ts";
import type { Located, Problems } from "./reader/index.ts";

/** Every template a block names: the one it is, and those of what it holds. */
function references(body: DomainBody): readonly Located<string>[] {
  const found: Located<string>[] = [];
  if (body.template?.value !== undefined) {
    found.push({ value: body.template.value, at: body.template.at });
  }
  for (const { value: groups } of body.children.values()) {
    for (const group of groups) {
      found.push(...references(group.body));
    }
  }
  return found;
}

/** Reports each cycle among templates once, with the way around it. */
export function reportCycles(problems: Problems, declaration: SiteDeclaration): void {
  const finished = new Set<string>();
  for (const start of declaration.templates.keys()) {
    walk(problems, declaration.templates, { name: start, trail: [], finished });
  }
}

interface Step {
  readonly name: string;
  readonly trail: readonly string[];
  readonly finished: Set<string>;
}

/** Longest chain of templates that is followed: five levels, each with a few variants, need ten. */
const longestChain = 50;

function walk(problems: Problems, templates: ReadonlyMap<string, Template>, step: Step): void {
  const template = templates.get(step.name);
  if (template === undefined || step.finished.has(step.name)) {
    return;
  }
  const trail = [...step.trail, step.name];
  for (const { value: next, at } of references(template.body)) {
    if (trail.includes(next)) {
      const around = [...trail.slice(trail.indexOf(next)), next].join(" → ");
      problems.add(
        at,
        `template cycle ${around}: a template cannot contain itself, remove one use`,
      );
    } else if (trail.length >= longestChain) {
      problems.add(at, `more than ${longestChain} templates build on each other: use fewer`);
    } else {
      walk(problems, templates, { name: next, trail, finished: step.finished });
    }
  }
  step.finished.add(step.name);
}
