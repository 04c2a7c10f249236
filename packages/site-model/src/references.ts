import type { ChildGroup, DomainBody, SiteDeclaration } from "./declaration.ts";
import { didYouMean, listed, type Place, type Problems } from "./reader/index.ts";
import type { DomainKind } from "./site.ts";

/** Reports every use of a template, node class or phase that does not exist, also where unused. */
export function reportReferences(problems: Problems, declaration: SiteDeclaration): void {
  const check = new References(problems, declaration);
  for (const { kind, body } of declaration.templates.values()) {
    check.body(body, kind);
  }
  check.body(declaration.feed, "feed");
}

class References {
  readonly #problems: Problems;
  readonly #declaration: SiteDeclaration;
  readonly #classNames: ReadonlySet<string>;
  readonly #phaseNames: ReadonlySet<string>;

  constructor(problems: Problems, declaration: SiteDeclaration) {
    this.#problems = problems;
    this.#declaration = declaration;
    this.#classNames = new Set(declaration.nodeClassNames);
    this.#phaseNames = new Set(declaration.phases.map((phase) => phase.name));
  }

  /** `kind` is undefined when a template does not say it, which has been reported. */
  body(body: DomainBody, kind: DomainKind | undefined): void {
    this.#template(body, kind);
    for (const { at, className } of body.nodes?.value ?? []) {
      if (!this.#classNames.has(className)) {
        this.#unknown(at, "node class", { found: className, known: this.#classNames });
      }
    }
    for (const [childKind, { value: groups }] of body.children) {
      for (const group of groups) {
        this.#phase(group);
        this.body(group.body, childKind);
      }
    }
  }

  #template(body: DomainBody, kind: DomainKind | undefined): void {
    const templateName = body.template?.value;
    if (body.template === undefined || templateName === undefined) {
      return;
    }
    const { templates } = this.#declaration;
    const template = templates.get(templateName);
    if (template === undefined) {
      const known = new Set(templates.keys());
      this.#unknown(body.template.at, "template", { found: templateName, known });
    } else if (kind !== undefined && template.kind !== undefined && template.kind !== kind) {
      this.#problems.add(
        body.template.at,
        `template "${templateName}" is a ${template.kind}, but a ${kind} is needed here: use another template`,
      );
    }
  }

  #phase({ phase }: ChildGroup): void {
    if (phase?.value !== undefined && !this.#phaseNames.has(phase.value)) {
      this.#unknown(phase.at, "phase", { found: phase.value, known: this.#phaseNames });
    }
  }

  #unknown(
    at: Place,
    what: string,
    { found, known }: { readonly found: string; readonly known: ReadonlySet<string> },
  ): void {
    const hint = didYouMean(found, known);
    this.#problems.add(
      at,
      `unknown ${what} "${found}"${hint}: the file has ${listed(known)}, use one of them or add it`,
    );
  }
}
